/**
 * @file Tensors whose elements do not lie in row-major order.
 */

import { check } from '../errors.ts';
import { sizeOf } from '../shape/shape.ts';
import type { ElementArray } from './element-types.ts';

export { sizeOf as elementCount } from '../shape/shape.ts';

/** How the elements of a tensor lie in an array. */
export interface StridedLayout {
  /** Extents, outermost first. */
  readonly shape: readonly number[];
  /** Elements from one index of an axis to the next. */
  readonly strides: readonly number[];
  /** Where the first element lies. */
  readonly offset: number;
}

/** How elements lie in row-major order; of Fortran's, in the reverse. */
export function denseStrides(shape: readonly number[], order: 'C' | 'F' = 'C'): number[] {
  const strides = shape.map(() => 1);
  const axes = shape.map((_, axis) => axis);
  if (order === 'C') axes.reverse();
  axes.reduce((stride, axis) => {
    strides[axis] = stride;
    return stride * Math.max(1, shape[axis]!);
  }, 1);
  return strides;
}

/**
 * The elements in row-major order, in an array of their own. Throws 'bad-file', naming `what`, where one would lie outside of
 * `data`. That the result is not too large, the caller has checked.
 */
export function gatherStrided<T extends ElementArray>(what: string, data: T, layout: StridedLayout): T {
  const { shape, strides, offset } = layout;
  const count = sizeOf(shape);
  const last =
    count === 0 ? -1 : offset + shape.reduce((sum, extent, axis) => sum + (extent - 1) * strides[axis]!, 0);
  check(last < data.length && offset >= 0 && strides.every((stride) => stride >= 0), 'bad-file', () => {
    return `${what} reaches to element ${last} of ${data.length}: the file is cut short or damaged`;
  });
  if (
    denseStrides(shape).every((stride, axis) => stride === strides[axis] || shape[axis]! <= 1) ||
    count === 0
  )
    return data.slice(offset, offset + count) as T;
  const gathered = data.slice(0, 0).constructor as new (length: number) => T;
  const result = new gathered(count);
  const index = shape.map(() => 0);
  let from = offset;
  for (let to = 0; to < count; to++) {
    result[to] = data[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return result;
}
