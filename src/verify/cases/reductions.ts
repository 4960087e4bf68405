/**
 * @file Reductions and softmax: along channels, which are padded, along pixels, rows, and all.
 */

import { EXACT, exponential, summed } from '../bounds.ts';
import type { OptionsOf } from '../op-runs.ts';
import { type AnyOpCase, constant, MAP, of, x } from './case.ts';

/** Channels-last and padded, along the channels, along all, and long rows that a workgroup shares. */
function reduction<Name extends 'sum' | 'mean' | 'max' | 'min' | 'logSumExp'>(
  op: Name,
  bound: (terms: number) => number,
): AnyOpCase[] {
  const along = (axes: readonly number[], keepDims: boolean): OptionsOf[Name] => ({ axes, keepDims });
  return [
    of(op, 'over channels', [x(MAP)], along([1], true), bound(5)),
    of(op, 'over pixels', [x([3, 5, 9, 8])], along([2, 3], false), bound(72)),
    of(op, 'over all', [x([3, 7, 11, 13], { values: 'positive' })], along([0, 1, 2, 3], false), bound(3003)),
    of(op, 'over rows', [x([7, 301])], along([1], false), bound(301)),
  ];
}

const exact = () => EXACT;
const SOFTMAX_AXES = [
  ['channels', MAP, 1],
  ['long rows', [5, 301], 1],
  ['the first axis', [9, 5, 3], 0],
] as const;

/** All of them. */
export const REDUCTIONS: readonly AnyOpCase[] = [
  ...reduction('sum', summed),
  ...reduction('mean', summed),
  ...reduction('max', exact),
  ...reduction('min', exact),
  ...reduction('logSumExp', exponential),
  of(
    'variance',
    'over pixels',
    [x([3, 5, 9, 8])],
    { axes: [2, 3], keepDims: false, unbiased: true },
    summed(72),
  ),
  of('variance', 'over rows', [x([7, 301])], { axes: [1], keepDims: true, unbiased: false }, summed(301)),
  of('argMax', 'over channels', [constant(MAP)], { axis: 1, keepDims: false }, EXACT),
  of('argMax', 'over rows', [constant([7, 301])], { axis: 1, keepDims: true }, EXACT),
  ...SOFTMAX_AXES.flatMap(([about, shape, axis]) => [
    of('softmax', about, [x(shape)], { axis }, exponential(shape[axis]!)),
    of('logSoftmax', about, [x(shape)], { axis }, exponential(shape[axis]!)),
  ]),
];
