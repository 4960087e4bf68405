/**
 * @file The options that sliding windows share: stride, padding and dilation of convolutions and pools.
 */

import { checkArgument, type Rule } from '../arguments.ts';
import { INDEX_LIMIT } from './shape.ts';

/** One number for both axes, or `[y, x]`. */
export type Pair = number | readonly [y: number, x: number];

/** One number for all sides, `[y, x]`, or each side its own: `[top, bottom, left, right]`. */
export type Padding = Pair | readonly [top: number, bottom: number, left: number, right: number];

/** The four sides. */
export interface Sides {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** One number for both axes, or one for each. */
export const PAIR: Rule = {
  holds: (value) => isExtent(value, 1) || areExtents(value, 2, 1),
  words: 'a whole number of at least 1, or two of them, [y, x]',
};

/** As {@link PAIR}, 0 too. */
export const PAIR_OR_ZERO: Rule = {
  holds: (value) => isExtent(value, 0) || areExtents(value, 2, 0),
  words: 'a whole number of at least 0, or two of them, [y, x]',
};

/** One number for all sides, one for each axis, or one for each side. */
export const PADDING: Rule = {
  holds: (value) => isExtent(value, 0) || areExtents(value, 2, 0) || areExtents(value, 4, 0),
  words: 'a whole number of at least 0, two of them, [y, x], or four, [top, bottom, left, right]',
};

/** Both numbers of a pair. Throws 'invalid-argument' unless they are as `rule` says: whole, and at least 1. */
export function expandPair(pair: Pair, what: string, rule = PAIR): readonly [number, number] {
  checkArgument(what, pair, rule);
  return typeof pair === 'number' ? [pair, pair] : pair;
}

/** All four sides of a padding. Throws 'invalid-argument' unless they are whole and not negative. */
export function expandPadding(padding: Padding, what: string): Sides {
  checkArgument(what, padding, PADDING);
  const [top, bottom, left, right] =
    typeof padding === 'number'
      ? [padding, padding, padding, padding]
      : padding.length === 2
        ? [padding[0], padding[0], padding[1], padding[1]]
        : padding;
  return { top, bottom, left, right };
}

/** Whether an extent in pixels is whole, at least `least`, and one that a kernel can count to. */
function isExtent(value: unknown, least: number): boolean {
  return Number.isInteger(value) && (value as number) >= least && (value as number) < INDEX_LIMIT;
}

function areExtents(values: unknown, count: number, least: number): boolean {
  if (!Array.isArray(values) || values.length !== count) return false;
  for (let i = 0; i < count; i++) if (!isExtent(values[i], least)) return false;
  return true;
}
