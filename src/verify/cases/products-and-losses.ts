/**
 * @file Products of matrices, and losses.
 */

import { exponential, rounded, summed, withinUlp } from '../bounds.ts';
import { type AnyOpCase, constant, MAP, NONE, of, x } from './case.ts';

/** All of them. */
export const PRODUCTS_AND_LOSSES: readonly AnyOpCase[] = [
  of('linear', 'odd sizes', [x([9, 70]), x([70, 37]), x([37])], NONE, summed(70)),
  of('linear', 'no bias', [x([67, 301]), x([301, 3])], NONE, summed(301)),
  of('matmul', 'batches that broadcast', [x([2, 1, 9, 35]), x([3, 35, 17])], NONE, summed(102)),
  of('matmul', 'large', [x([70, 300]), x([300, 67])], NONE, summed(300)),
  of('accuracy', 'many classes', [constant([9, 20])], { labels: [0, 3, 19, 7, 7, 1, 12, 5, 18] }, rounded(1)),
  of('accuracy', 'few classes', [constant([70, 2])], { labels: Array(70).fill(1) }, rounded(2)),
  of(
    'crossEntropy',
    'rows',
    [x([7, 5])],
    { labels: [4, 0, 2, -100, 1, 3, 0], labelSmoothing: 0.125, reduction: 'mean' },
    exponential(35),
  ),
  of(
    'crossEntropy',
    'pixels',
    [x([2, 5, 3, 2])],
    { labels: [0, 1, 2, 3, 4, -100, 4, 3, 2, 1, 0, 0], labelSmoothing: 0, reduction: 'none' },
    exponential(60),
  ),
  of(
    'sigmoidCrossEntropyWithLogits',
    'normalized',
    [x([9, 7]), constant([9, 7], { values: 'label' })],
    { normalize: true, positiveWeight: 3 },
    withinUlp(24),
  ),
  of('mse', 'padded channels', [x(MAP), x(MAP)], NONE, summed(210)),
  of('l1', 'padded channels', [x(MAP), x(MAP)], NONE, summed(210)),
  of('smoothL1', 'padded channels', [x(MAP), x(MAP)], { beta: 1 }, summed(210)),
  of('dice', 'padded channels', [x(MAP), x(MAP)], NONE, summed(21) + withinUlp(32)),
];
