/**
 * @file Which elements of a tensor a slice takes.
 */

import { ARRAY, checkArgument, type OptionRules, type Rule, whole } from '../arguments.ts';
import { check } from '../errors.ts';
import { formatShape, normalizeAxis, type Shape } from './shape.ts';
import type { AxisRange } from './view.ts';

/** Which elements `slice` takes; each list has one number for each of `axes`. */
export interface SliceOptions {
  /** The first element along each axis, 0 by default; a negative one counts from the end. */
  readonly starts?: readonly number[];
  /** The element before which it ends; a negative one counts from the end, `Infinity` and the default are the end. */
  readonly ends?: readonly number[];
  /** The distance between the elements that are taken, 1 by default. */
  readonly steps?: readonly number[];
  /** The axes that the lists tell of, by default the first ones; negative ones count from the end. All others are taken whole. */
  readonly axes?: readonly number[];
}

/** The rules of {@link SliceOptions}. */
export const SLICE_OPTIONS: OptionRules<SliceOptions> = {
  starts: ARRAY,
  ends: ARRAY,
  steps: ARRAY,
  axes: ARRAY,
};

const POSITION: Rule = {
  holds: (value) => Number.isInteger(value) || value === Number.POSITIVE_INFINITY,
  words: 'a whole number, or Infinity for the end',
};
const STEP = whole(1);

/**
 * One range for each axis of a tensor of this shape. Throws 'invalid-argument' where a range begins or ends outside of the
 * tensor, has no element or a step below 1, where an axis is named twice and where the lists differ in length.
 */
export function sliceRanges(shape: Shape, { starts, ends, steps, axes }: SliceOptions): AxisRange[] {
  const lists = [axes, starts, ends, steps].filter((list) => list !== undefined);
  const count = lists[0]?.length ?? 0;
  check(
    lists.every(({ length }) => length === count),
    'invalid-argument',
    () =>
      `slice: its lists have ${lists.map(({ length }) => length).join(', ')} numbers: they must be equally long`,
  );
  const ranges = shape.map((extent): AxisRange => ({ start: 0, end: extent, step: 1 }));
  const named = new Set<number>();
  for (let i = 0; i < count; i++) {
    const axis = normalizeAxis(axes ? axes[i]! : i, shape.length);
    check(!named.has(axis), 'invalid-argument', () => `slice: axis ${axis} is named twice: name each once`);
    named.add(axis);
    const step = steps ? steps[i]! : 1;
    checkArgument(`the step of slice along axis ${axis}`, step, STEP);
    const end = ends ? ends[i]! : Number.POSITIVE_INFINITY;
    ranges[axis] = { ...bounds(shape, axis, starts ? starts[i]! : 0, end), step };
  }
  return ranges;
}

/** Where a range begins and ends, counted from the front. */
function bounds(shape: Shape, axis: number, start: number, end: number): { start: number; end: number } {
  const extent = shape[axis]!;
  const fromFront = (position: number) => {
    checkArgument(`a bound of slice along axis ${axis}`, position, POSITION);
    if (position === Number.POSITIVE_INFINITY) return extent;
    return position < 0 ? position + extent : position;
  };
  const range = { start: fromFront(start), end: fromFront(end) };
  check(
    range.start >= 0 && range.start < range.end && range.end <= extent,
    'invalid-argument',
    () =>
      `slice: ${start} to ${end} along axis ${axis} is not a part of ${formatShape(shape)}: take at least one element, ` +
      `within 0 to ${extent}`,
  );
  return range;
}
