/**
 * @file Ops that move elements: permutation, slices, padding, stacking, rows by index; and their gradients.
 */

import { coordinatesOf, indexOf, map, type NdArray, reshape, zeros } from './array.ts';
import { concat, concatBackward } from './concat.ts';

/** y[i] = x[j], where j along axis `axes[k]` is i along axis k. */
export function permute(x: NdArray, axes: readonly number[]): NdArray {
  const shape = axes.map((axis) => x.shape[axis]!);
  return map(zeros(shape), (_, i) => {
    const from = new Array<number>(axes.length);
    coordinatesOf(i, shape).forEach((coordinate, k) => {
      from[axes[k]!] = coordinate;
    });
    return x.data[indexOf(from, x.shape)]!;
  });
}

/** dL/dx of {@link permute}. */
export function permuteBackward(dy: NdArray, axes: readonly number[]): NdArray {
  return permute(
    dy,
    axes.map((_, axis) => axes.indexOf(axis)),
  );
}

/** Every `step`-th element along each axis from `start` to before `end`. */
export interface Range {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** The shape of a part. */
export const sliceShape = (ranges: readonly Range[]): number[] =>
  ranges.map(({ start, end, step }) => Math.ceil((end - start) / step));

/** The index in x of the element that becomes element `i` of the slice. */
function slicedIndex(i: number, shape: readonly number[], ranges: readonly Range[]): number {
  const coordinates = coordinatesOf(i, sliceShape(ranges));
  return indexOf(
    coordinates.map((coordinate, axis) => ranges[axis]!.start + coordinate * ranges[axis]!.step),
    shape,
  );
}

/** The part of x that `ranges`, one for each axis, say. */
export function slice(x: NdArray, ranges: readonly Range[]): NdArray {
  return map(zeros(sliceShape(ranges)), (_, i) => x.data[slicedIndex(i, x.shape, ranges)]!);
}

/** dL/dx of {@link slice}. */
export function sliceBackward(shape: readonly number[], dy: NdArray, ranges: readonly Range[]): NdArray {
  const dx = zeros(shape);
  dy.data.forEach((value, i) => {
    dx.data[slicedIndex(i, shape, ranges)]! += value;
  });
  return dx;
}

const withAxis = (shape: readonly number[], axis: number) => shape.toSpliced(axis, 0, 1);

/** The arrays along a new axis. */
export function stack(arrays: readonly NdArray[], axis: number): NdArray {
  return concat(
    arrays.map((x) => reshape(x, withAxis(x.shape, axis))),
    axis,
  );
}

/** dL by each of `count` arrays of shape `shape` that were stacked. */
export function stackBackward(shape: readonly number[], count: number, dy: NdArray, axis: number): NdArray[] {
  const parts = new Array(count).fill(withAxis(shape, axis));
  return concatBackward(parts, dy, axis).map((part) => reshape(part, shape));
}
