/**
 * @file Softmax and its logarithm along one axis, in float64.
 *
 *     softmax:    y = eˣ / Σ eˣ,      dx = y · (dy − Σ dy·y)
 *     logSoftmax: y = x − log Σ eˣ,   dx = dy − e^y · Σ dy
 */

import { map, type NdArray } from './array.ts';
import { logSumExp, sum } from './reduce.ts';

/** `value` of each element and of the sum, or the like, that it is part of along `axis`. */
function along(x: NdArray, sums: NdArray, axis: number, value: (x: number, sum: number) => number): NdArray {
  const inner = x.shape.slice(axis + 1).reduce((size, extent) => size * extent, 1);
  const row = (i: number) => Math.floor(i / (inner * x.shape[axis]!)) * inner + (i % inner);
  return map(x, (element, i) => value(element, sums.data[row(i)]!));
}

export function logSoftmax(x: NdArray, axis: number): NdArray {
  return along(x, logSumExp(x, { axes: [axis], keepDims: true }), axis, (a, log) => a - log);
}

export function softmax(x: NdArray, axis: number): NdArray {
  return map(logSoftmax(x, axis), Math.exp);
}

export function logSoftmaxBackward(x: NdArray, dy: NdArray, axis: number): NdArray {
  const totals = along(x, sum(dy, { axes: [axis], keepDims: true }), axis, (_, total) => total);
  const y = softmax(x, axis);
  return map(dy, (d, i) => d - y.data[i]! * totals.data[i]!);
}

export function softmaxBackward(x: NdArray, dy: NdArray, axis: number): NdArray {
  const y = softmax(x, axis);
  const products = map(dy, (d, i) => d * y.data[i]!);
  const totals = along(x, sum(products, { axes: [axis], keepDims: true }), axis, (_, total) => total);
  return map(dy, (d, i) => y.data[i]! * (d - totals.data[i]!));
}
