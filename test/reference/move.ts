/**
 * @file Ops that move elements: permutation, slices, padding, stacking, rows by index; and their gradients.
 */

import { coordinatesOf, indexOf, map, type NdArray, reshape, sizeOf, zeros } from './array.ts';
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

/** How a rim is filled. */
export type PadMode = 'constant' | 'reflect' | 'replicate';

/** The index in x of what element `i` of the padded array repeats; undefined where that is the constant. */
function repeatedIndex(
  i: number,
  shape: readonly number[],
  pads: readonly (readonly number[])[],
  mode: PadMode,
): number | undefined {
  const from = coordinatesOf(i, paddedShape(shape, pads)).map((coordinate, axis) => {
    const [at, last] = [coordinate - pads[axis]![0]!, shape[axis]! - 1];
    if (at >= 0 && at <= last) return at;
    if (mode === 'constant') return undefined;
    if (mode === 'replicate') return at < 0 ? 0 : last;
    return at < 0 ? -at : 2 * last - at;
  });
  return from.some((at) => at === undefined) ? undefined : indexOf(from as number[], shape);
}

/** The shape with its rim. */
export function paddedShape(shape: readonly number[], pads: readonly (readonly number[])[]): number[] {
  return shape.map((extent, axis) => pads[axis]![0]! + extent + pads[axis]![1]!);
}

/** x with a rim of `[before, after]` elements for each axis. */
export function pad(
  x: NdArray,
  pads: readonly (readonly number[])[],
  mode: PadMode = 'constant',
  value = 0,
): NdArray {
  return map(zeros(paddedShape(x.shape, pads)), (_, i) => {
    const from = repeatedIndex(i, x.shape, pads, mode);
    return from === undefined ? value : x.data[from]!;
  });
}

/** dL/dx of {@link pad}. */
export function padBackward(
  shape: readonly number[],
  dy: NdArray,
  pads: readonly (readonly number[])[],
  mode: PadMode = 'constant',
): NdArray {
  const dx = zeros(shape);
  dy.data.forEach((value, i) => {
    const from = repeatedIndex(i, shape, pads, mode);
    if (from !== undefined) dx.data[from]! += value;
  });
  return dx;
}

/** The rows of x by their indexes; NaN where there is no such row. */
export function gather(x: NdArray, indexes: readonly number[], shape: readonly number[]): NdArray {
  const size = sizeOf(x.shape.slice(1));
  return map(
    zeros([...shape, ...x.shape.slice(1)]),
    (_, i) => x.data[indexes[Math.floor(i / size)]! * size + (i % size)] ?? Number.NaN,
  );
}

/** dL/dx of {@link gather}. */
export function gatherBackward(shape: readonly number[], dy: NdArray, indexes: readonly number[]): NdArray {
  const dx = zeros(shape);
  const size = sizeOf(shape.slice(1));
  dy.data.forEach((value, i) => {
    const row = indexes[Math.floor(i / size)]!;
    if (row >= 0 && row < shape[0]!) dx.data[row * size + (i % size)]! += value;
  });
  return dx;
}
