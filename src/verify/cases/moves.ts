/**
 * @file Ops that move elements, between layouts and past padding.
 */

import { EXACT, rounded } from '../bounds.ts';
import { type AnyOpCase, MAP, of, x } from './case.ts';

/** All of them. */
export const MOVES: readonly AnyOpCase[] = [
  of('reshape', 'padded channels to rows', [x(MAP)], { shape: [6, 35] }, EXACT),
  of('reshape', 'rows to padded channels', [x([6, 35])], { shape: MAP }, EXACT),
  of('flatten', 'padded channels', [x(MAP)], { axis: 1 }, EXACT),
  of('permute', 'padded channels', [x(MAP)], { axes: [3, 1, 0, 2] }, EXACT),
  of('permute', 'three axes', [x([4, 9, 7])], { axes: [2, 0, 1] }, EXACT),
  of('toLayout', 'to rows', [x(MAP)], { layout: 'row-major' }, EXACT),
  of('toLayout', 'to a filter', [x(MAP)], { layout: 'filter' }, EXACT),
  of(
    'concat',
    'channels',
    [x([2, 3, 3, 5]), x([2, 2, 3, 5], { layout: 'row-major' }), x([2, 6, 3, 5])],
    { axis: 1 },
    EXACT,
  ),
  of('concat', 'rows', [x([3, 7]), x([2, 7])], { axis: 0 }, EXACT),
  of('stack', 'maps', [x([5, 3, 7]), x([5, 3, 7])], { axis: 1 }, EXACT),
  of(
    'slice',
    'with steps',
    [x([3, 9, 5, 7])],
    { starts: [1, 2, 0, 1], ends: [3, 9, 5, 6], steps: [1, 3, 2, 1] },
    EXACT,
  ),
  ...(['constant', 'reflect', 'replicate'] as const).map((mode) => {
    const pads = [[0, 0], [1, 2], [2, 1], [0, 2]] as const; // biome-ignore format: a pair for each axis
    return of('pad', mode, [x(MAP)], { pads, mode, value: 1.5 }, mode === 'constant' ? EXACT : rounded(24));
  }),
  of('gather', 'rows twice', [x([5, 9])], { indexes: [4, 0, 4, 2, 2, 4, 1] }, rounded(3)),
  of('gather', 'images', [x([4, 5, 3, 2])], { indexes: [3, 3, 0] }, rounded(2)),
];
