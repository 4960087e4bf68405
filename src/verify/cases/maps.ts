/**
 * @file Ops on maps: convolutions as the heuristics run them, norms, pools, resizing.
 */

import type { Shape } from '../../shape/shape.ts';
import { rounded, summed, withinUlp } from '../bounds.ts';
import { type AnyOpCase, constant, MAP, of, x } from './case.ts';

const WINDOW = { stride: [2, 1], padding: [1, 0, 1, 1], dilation: [1, 1], groups: 1 } as const;
const PLAIN = { stride: [1, 1], padding: [1, 1, 1, 1], dilation: [1, 1], groups: 1 } as const;
const POOL = { kernel: [3, 2], stride: [2, 1], padding: [1, 0, 0, 1] } as const;
const CEIL = {
  kernel: [2, 2],
  stride: [2, 2],
  padding: [0, 1, 1, 0],
  ceilMode: true,
  exclusive: false,
} as const;

const POSITIVE = { values: 'positive', role: 'constant' } as const;
const batchNormOf = (shape: Shape, residual: boolean) => {
  const channels = [shape[1]!];
  const statistics = [
    x(channels, { role: 'state' }),
    x(channels, { role: 'state', values: 'positive' }),
  ] as const;
  return [x(shape), x(channels), x(channels), ...statistics, ...(residual ? [x(shape)] : [])];
};

/** Two images' parameters of `kernels/augment-images.ts`. */
const AUGMENTATION = [
  ...[0.8, -0.3, 1.4, 0.625, 0.35, 0.9, -0.6, 1],
  ...[0.9, 0.1, 0.05, 6, -0.1, 1.1, 0, -9, 0.2, 0, 0.75, 12, 1, 2, 4, 5],
  ...[-1.1, 0.2, 4.5, 1, 0.1, 1.2, -0.9, 0],
  ...[1.5, 0, 0, -40, 0, 1.5, 0, -40, 0.1, 0.1, 1.3, 20, 0, 0, 0, 0],
];

/** All of them. */
export const MAPS: readonly AnyOpCase[] = [
  of('conv2d', 'a bias', [x([2, 6, 9, 7]), x([5, 6, 3, 2]), x([5])], WINDOW, summed(84)),
  of('conv2d', 'no bias', [x([2, 6, 9, 7]), x([5, 6, 3, 2])], WINDOW, summed(84)),
  of(
    'convTranspose2d',
    'a bias',
    [x([2, 6, 4, 5]), x([6, 5, 3, 2]), x([5])],
    { ...WINDOW, outputPadding: [1, 0] },
    summed(90),
  ),
  of(
    'convBatchNorm',
    'a residual',
    [
      ...[constant([2, 6, 5, 7]), constant([9, 6, 3, 3]), constant([2, 9, 5, 7])],
      ...[constant([9]), constant([9]), constant([9]), constant([9], POSITIVE)],
    ],
    PLAIN,
    summed(54) + withinUlp(8),
  ),
  of('batchNorm', 'few pixels', batchNormOf(MAP, false), { training: true, relu: false }, summed(42)),
  of(
    'batchNorm',
    'residual and ReLU',
    batchNormOf([3, 6, 5, 5], true),
    { training: true, relu: true },
    summed(75),
  ),
  of(
    'batchNorm',
    'many pixels',
    batchNormOf([3, 5, 29, 27], false),
    { training: true, relu: true },
    summed(2349),
  ),
  of(
    'batchNorm',
    'running statistics',
    batchNormOf([3, 6, 5, 5], true),
    { training: false, relu: true },
    summed(75),
  ),
  of('layerNorm', 'channels', [x(MAP), x([5]), x([5])], { axes: [1] }, summed(42) + withinUlp(8)),
  of('layerNorm', 'rows', [x([5, 301]), x([301]), x([301])], { axes: [1] }, summed(301) + withinUlp(8)),
  of(
    'groupNorm',
    'groups that share vec4s',
    [x([2, 6, 3, 7]), x([6]), x([6])],
    { groups: 2 },
    summed(63) + withinUlp(8),
  ),
  of(
    'groupNorm',
    'aligned groups',
    [x([2, 8, 3, 7]), x([8]), x([8])],
    { groups: 2 },
    summed(84) + withinUlp(8),
  ),
  of('maxPool2d', 'overlapping windows', [x([2, 5, 9, 7])], POOL, rounded(4)),
  of('avgPool2d', 'overlapping windows', [x([2, 5, 9, 7])], { ...POOL, exclusive: true }, rounded(12)),
  of('avgPool2d', 'the padding counted', [x([2, 5, 9, 7])], CEIL, rounded(12)),
  of('upsample', 'nearest', [x(MAP)], { size: [7, 10], mode: 'nearest' }, rounded(8)),
  of('upsample', 'bilinear', [x(MAP)], { size: [7, 10], mode: 'bilinear' }, rounded(48)),
  of('adaptiveAvgPool2d', 'windows that overlap', [x([2, 5, 7, 8])], { size: [3, 5] }, rounded(16)),
  of(
    'augmentImages',
    'turned, recoloured, cut out and mixed',
    [],
    { shape: [2, 7, 5, 3], parameters: AUGMENTATION },
    rounded(64),
  ),
  of('normalizeImages', 'an odd size', [], { shape: [3, 7, 5, 3] }, rounded(8)),
  of('normalizeImages', 'whole words', [], { shape: [2, 4, 6, 3] }, rounded(8)),
];
