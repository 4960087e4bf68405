/**
 * @file Sums and means over all elements or over given axes, in float64.
 *
 *     sum:  y = Σ x,     dx = dy of the element's sum
 *     mean: y = Σ x / m, dx = dy / m, with m the number of elements of one sum
 */

import { assertShape, coordinatesOf, indexOf, map, type NdArray, sizeOf, zeros } from './array.ts';

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
