/**
 * @file The options that sliding windows share: stride, padding and dilation of convolutions and pools.
 */

import { check } from '../errors.ts';

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

/** Both numbers of a pair. Throws 'invalid-argument' unless they are whole and at least `least`. */
export function expandPair(pair: Pair, what: string, least = 1): readonly [number, number] {
  const [y, x] = typeof pair === 'number' ? [pair, pair] : pair;
  for (const value of [y, x]) checkWhole(value, what, least);
  return [y, x];
}

/** All four sides of a padding. Throws 'invalid-argument' unless they are whole and not negative. */
export function expandPadding(padding: Padding, what: string): Sides {
  const [top, bottom, left, right] =
    typeof padding === 'number'
      ? [padding, padding, padding, padding]
      : padding.length === 2
        ? [padding[0], padding[0], padding[1], padding[1]]
        : padding;
  for (const value of [top, bottom, left, right]) checkWhole(value, what, 0);
  return { top, bottom, left, right };
}

/** Throws 'invalid-argument' unless `value` is a whole number of at least `least`. */
export function checkWhole(value: number, what: string, least: number): void {
  check(
    Number.isInteger(value) && value >= least,
    'invalid-argument',
    () => `${what} is ${value}: it must be a whole number of at least ${least}`,
  );
}
