/**
 * @file Concatenation along an axis, and its gradient, which cuts dy apart again.
 *
 *     y[…, offset_k + c, …] = x_k[…, c, …],   offset_k = Σ_{j < k} extent of x_j along the axis
 */

import { assertShape, coordinatesOf, indexOf, map, type NdArray, zeros } from './array.ts';

/** The arrays one after the other along `axis`; all other extents must be equal. */
export function concat(arrays: readonly NdArray[], axis: number): NdArray {
  const shapes = arrays.map((array) => array.shape);
  const y = zeros(concatShape(shapes, axis));
  arrays.forEach((array, k) => {
    assertShape(array, y.shape.with(axis, array.shape[axis]!), `array ${k}`);
    array.data.forEach((value, i) => {
      y.data[resultIndex(i, k, shapes, axis)] = value;
    });
  });
  return y;
}

/** dL by every array, given their shapes and dL/dy. */
export function concatBackward(shapes: readonly (readonly number[])[], dy: NdArray, axis: number): NdArray[] {
  assertShape(dy, concatShape(shapes, axis), 'dy');
  return shapes.map((shape, k) => map(zeros(shape), (_, i) => dy.data[resultIndex(i, k, shapes, axis)]!));
}

function concatShape(shapes: readonly (readonly number[])[], axis: number): number[] {
  return shapes[0]!.with(axis, offsetOf(shapes.length, shapes, axis));
}

/** Where array k begins along the axis. */
function offsetOf(k: number, shapes: readonly (readonly number[])[], axis: number): number {
  return shapes.slice(0, k).reduce((offset, shape) => offset + shape[axis]!, 0);
}

/** The index in the result of element `index` of array k. */
function resultIndex(index: number, k: number, shapes: readonly (readonly number[])[], axis: number): number {
  const coordinates = coordinatesOf(index, shapes[k]!);
  coordinates[axis]! += offsetOf(k, shapes, axis);
  return indexOf(coordinates, concatShape(shapes, axis));
}
