/**
 * @file Reductions over all elements or over given axes, in float64.
 *
 *     sum:       y = Σ x,                   dx = dy of the element's sum
 *     mean:      y = Σ x / m,               dx = dy / m, with m the number of elements of one sum
 *     max, min:  y = the extreme x,         dx = dy / k where x = y, with k the number of such elements
 *     variance:  y = Σ (x − x̄)² / (m − 1),  dx = 2 · dy · (x − x̄) / (m − 1); biased with m for m − 1
 *     logSumExp: y = log Σ eˣ,              dx = dy · e^(x − y)
 */

import { assertShape, coordinatesOf, fromArray, indexOf, map, type NdArray, sizeOf, zeros } from './array.ts';

/** Over what to reduce, and how to write the result's shape. */
export interface ReduceOptions {
  /** Axes counted from 0; all unless told. */
  readonly axes?: readonly number[];
  /** Whether reduced axes stay, with extent 1; otherwise they go, and a result without axes has shape `[1]`. */
  readonly keepDims?: boolean;
}

/** The shape of a reduction's result. */
export function reducedShape(shape: readonly number[], options: ReduceOptions = {}): number[] {
  const kept = keptShape(shape, options);
  if (options.keepDims) return kept;
  const rest = kept.filter((_, axis) => !isReduced(axis, options));
  return rest.length === 0 ? [1] : rest;
}

/** Σ x over the axes. */
export function sum(x: NdArray, options: ReduceOptions = {}): NdArray {
  const y = zeros(reducedShape(x.shape, options));
  x.data.forEach((value, i) => {
    y.data[resultIndex(i, x.shape, options)]! += value;
  });
  return y;
}

/** dL/dx of {@link sum}, given x's shape and dL/dy. */
export function sumBackward(shape: readonly number[], dy: NdArray, options: ReduceOptions = {}): NdArray {
  assertShape(dy, reducedShape(shape, options), 'dy');
  return map(zeros(shape), (_, i) => dy.data[resultIndex(i, shape, options)]!);
}

/** Σ x / m over the axes. */
export function mean(x: NdArray, options: ReduceOptions = {}): NdArray {
  const count = x.data.length / sizeOf(keptShape(x.shape, options));
  return map(sum(x, options), (value) => value / count);
}

/** dL/dx of {@link mean}, given x's shape and dL/dy. */
export function meanBackward(shape: readonly number[], dy: NdArray, options: ReduceOptions = {}): NdArray {
  const count = sizeOf(shape) / sizeOf(keptShape(shape, options));
  return map(sumBackward(shape, dy, options), (value) => value / count);
}

/** Of an array, for each result its elements. */
function elementsByResult(x: NdArray, options: ReduceOptions): number[][] {
  const elements = Array.from(zeros(reducedShape(x.shape, options)).data, (): number[] => []);
  x.data.forEach((value, i) => {
    elements[resultIndex(i, x.shape, options)]!.push(value);
  });
  return elements;
}

/** A reduction by what it makes of the elements of a result. */
const reduction =
  (value: (elements: number[]) => number) =>
  (x: NdArray, options: ReduceOptions = {}): NdArray =>
    fromArray(reducedShape(x.shape, options), elementsByResult(x, options).map(value));

/** Its gradient with respect to an element x, by the elements of the same result and that itself. */
const gradient =
  (slope: (x: number, y: number, elements: number[]) => number, value: (elements: number[]) => number) =>
  (x: NdArray, dy: NdArray, options: ReduceOptions = {}): NdArray => {
    const elements = elementsByResult(x, options);
    const results = elements.map(value);
    return map(x, (element, i) => {
      const result = resultIndex(i, x.shape, options);
      return dy.data[result]! * slope(element, results[result]!, elements[result]!);
    });
  };

const average = (elements: number[]) => elements.reduce((total, x) => total + x, 0) / elements.length;
const greatest = (elements: number[]) => Math.max(...elements);
const least = (elements: number[]) => Math.min(...elements);
const spread = (lost: number) => (elements: number[]) => {
  const center = average(elements);
  return elements.reduce((total, x) => total + (x - center) ** 2, 0) / (elements.length - lost);
};
const logOfSum = (elements: number[]) => {
  const top = greatest(elements);
  return Number.isFinite(top)
    ? top + Math.log(elements.reduce((total, x) => total + Math.exp(x - top), 0))
    : top;
};
const share = (x: number, y: number, elements: number[]) =>
  x === y ? 1 / elements.filter((other) => other === y).length : 0;

export const max = reduction(greatest);
export const maxBackward = gradient(share, greatest);
export const min = reduction(least);
export const minBackward = gradient(share, least);
export const logSumExp = reduction(logOfSum);
export const logSumExpBackward = gradient((x, y) => Math.exp(x - y), logOfSum);

/** The variance; `unbiased` by default. */
export const variance = (x: NdArray, { unbiased = true, ...options }: ReduceOptions & Unbiased = {}) =>
  reduction(spread(unbiased ? 1 : 0))(x, options);

export const varianceBackward = (
  x: NdArray,
  dy: NdArray,
  { unbiased = true, ...options }: ReduceOptions & Unbiased = {},
) => {
  const lost = unbiased ? 1 : 0;
  const slope = (a: number, _: number, elements: number[]) =>
    (2 * (a - average(elements))) / (elements.length - lost);
  return gradient(slope, spread(lost))(x, dy, options);
};

interface Unbiased {
  readonly unbiased?: boolean;
}

/** The place of the first greatest element, or of the first NaN. */
export const argMax = reduction((elements) => {
  const place = elements.findIndex(Number.isNaN);
  return place >= 0 ? place : elements.indexOf(greatest(elements));
});

function isReduced(axis: number, { axes }: ReduceOptions): boolean {
  return axes === undefined || axes.includes(axis);
}

/** The shape with 1 for every reduced axis. */
function keptShape(shape: readonly number[], options: ReduceOptions): number[] {
  return shape.map((extent, axis) => (isReduced(axis, options) ? 1 : extent));
}

/** The index of the sum that element `index` is part of. */
function resultIndex(index: number, shape: readonly number[], options: ReduceOptions): number {
  const coordinates = coordinatesOf(index, shape).map((c, axis) => (isReduced(axis, options) ? 0 : c));
  return indexOf(coordinates, keptShape(shape, options));
}
