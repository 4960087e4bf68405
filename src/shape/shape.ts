/**
 * @file Sizes of tensors: the only copy of each rule.
 */

import { describe } from '../arguments.ts';
import { check, FoveaError } from '../errors.ts';

/** The extent of each axis, outermost first. A scalar has shape `[]`. */
export type Shape = readonly number[];

/** Shaders index with unsigned 32-bit integers and subtract in signed ones: no index may reach this. */
export const INDEX_LIMIT = 2 ** 31;

/** The number of elements of a tensor of this shape. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((size, extent) => size * extent, 1);
}

/** `[2, 3]` as text. */
export function formatShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/** Whether two shapes are the same. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis]);
}

/** Throws 'invalid-argument' unless every extent is a whole number of at least 1 and all indexes fit. */
export function checkShape(shape: Shape, what = 'the shape'): void {
  check(
    Array.isArray(shape),
    'invalid-argument',
    () => `${what} is ${describe(shape)}: it must be an array of extents`,
  );
  for (let axis = 0; axis < shape.length; axis++)
    check(
      Number.isInteger(shape[axis]) && shape[axis]! >= 1,
      'invalid-argument',
      () => `${what} is ${describe(shape)}: every extent must be a whole number of at least 1`,
    );
  checkIndexable(sizeOf(shape), () => `${what} ${formatShape(shape)}`);
}

/** Throws 'unsupported' where `count` elements cannot be indexed with 32 bits. */
export function checkIndexable(count: number, what: string | (() => string)): void {
  check(
    count < INDEX_LIMIT,
    'unsupported',
    () =>
      `${typeof what === 'string' ? what : what()} has ${count} elements, kernels index fewer than ${INDEX_LIMIT}: use a smaller batch`,
  );
}

/** The smallest whole number of at least `value / divisor`. */
export function ceilDivide(value: number, divisor: number): number {
  return Math.ceil(value / divisor);
}

/** The largest whole number that divides both. */
export function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** `value` rounded up to a multiple of `multiple`. */
export function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}

/**
 * The shape that `a` and `b` broadcast to, by NumPy's rule: aligned at the last axis, an extent of 1
 * (or a missing axis) stretches. Throws 'shape-mismatch' where they disagree.
 */
export function broadcastShapes(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const fromA = a[axis - rank + a.length] ?? 1;
    const fromB = b[axis - rank + b.length] ?? 1;
    if (fromA !== fromB && fromA !== 1 && fromB !== 1) {
      throw new FoveaError(
        'shape-mismatch',
        `shapes ${formatShape(a)} and ${formatShape(b)} do not broadcast: axis ${axis} is ${fromA} and ${fromB}, ` +
          'they must be equal or one of them 1',
      );
    }
    return fromA === 1 ? fromB : fromA;
  });
}

/** `axis` counted from the front: −1 is the last. Throws 'invalid-argument' outside `[-rank, rank)`. */
export function normalizeAxis(axis: number, rank: number): number {
  check(
    Number.isInteger(axis) && axis >= -rank && axis < rank,
    'invalid-argument',
    () => `axis ${describe(axis)} is outside a tensor of rank ${rank}: use −${rank} to ${rank - 1}`,
  );
  return axis < 0 ? axis + rank : axis;
}
