/**
 * @file Views: where the elements of a tensor, or of a part of it, lie in memory. Permuting, slicing and adding axes change a
 * view and move nothing; one kernel copies from any view to any other.
 */

import { defaultLayout, type Layout, memoryAxes } from './layout.ts';
import type { Shape } from './shape.ts';

/** Elements that lie in memory at equal distances along each axis. */
export interface View {
  readonly shape: Shape;
  /** How many elements of memory lie between neighbours along each axis. */
  readonly strides: readonly number[];
  /** The extent of each axis with the padding that follows in memory and belongs to the view. */
  readonly padded: readonly number[];
  /** The place of the first element. */
  readonly start: number;
}

/** What part of an axis is taken: the elements `start`, `start + step`, … before `end`. */
export interface AxisRange {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** The view of a whole tensor. */
export function viewOf({ shape, layout }: { readonly shape: Shape; readonly layout: Layout }): View {
  const strides = new Array<number>(shape.length);
  const padded = new Array<number>(shape.length);
  for (const memory of memoryAxes(shape, layout)) {
    strides[memory.axis] = memory.stride;
    padded[memory.axis] = memory.padded;
  }
  return { shape, strides, padded, start: 0 };
}

/** The view whose axis `i` is axis `axes[i]` of `view`. */
export function permuteView({ shape, strides, padded, start }: View, axes: readonly number[]): View {
  const permuted = (numbers: readonly number[]) => axes.map((axis) => numbers[axis]!);
  return { shape: permuted(shape), strides: permuted(strides), padded: permuted(padded), start };
}

/** A part of a view along one axis. The padding belongs to the part that ends the axis. */
export function sliceView(view: View, axis: number, { start, end, step }: AxisRange): View {
  const extent = Math.ceil((end - start) / step);
  const endsAxis = step === 1 && end === view.shape[axis];
  return {
    shape: view.shape.with(axis, extent),
    strides: view.strides.with(axis, view.strides[axis]! * step),
    padded: view.padded.with(axis, endsAxis ? view.padded[axis]! - start : extent),
    start: view.start + start * view.strides[axis]!,
  };
}

/** A view with one more axis, of extent 1, before axis `axis`. */
export function insertAxis({ shape, strides, padded, start }: View, axis: number): View {
  const inserted = (numbers: readonly number[], number: number) => numbers.toSpliced(axis, 0, number);
  return { shape: inserted(shape, 1), strides: inserted(strides, 0), padded: inserted(padded, 1), start };
}

/** Whether two views of one shape are the same memory, padding included. */
export function sameView(a: View, b: View): boolean {
  return (
    a.start === b.start &&
    a.padded.every((padded, axis) => padded === b.padded[axis]) &&
    a.strides.every((stride, axis) => a.padded[axis] === 1 || stride === b.strides[axis])
  );
}

/**
 * The layout in which a tensor of the view's shape has its elements in the order in which they lie already; the one it has by
 * default where there is no such layout.
 */
export function layoutOfView({ shape, strides }: View): Layout {
  const usual = defaultLayout(shape);
  if (shape.length !== 4) return usual;
  const layouts: readonly Layout[] = [usual, 'row-major', 'channels-last', 'filter'];
  const isInOrder = (layout: Layout) => {
    const along = memoryAxes(shape, layout).filter(({ extent }) => extent > 1);
    return along.every(({ axis }, i) => i === 0 || strides[along[i - 1]!.axis]! > strides[axis]!);
  };
  return layouts.find(isInOrder) ?? usual;
}
