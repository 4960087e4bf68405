/**
 * @file Ranges that transforms draw from, and how their options are told.
 */

import { between, type Rule } from '../../arguments.ts';
import type { Random } from '../../random.ts';

/** From the smallest to the largest. */
export type NumberRange = readonly [least: number, most: number];

/** A number from 0 to 1. */
export const PROBABILITY: Rule = between(0, 1);

/** The rule of a {@link NumberRange} of numbers above `above` and of at most `most`. */
export function rangeOf({ above, most = Number.MAX_VALUE }: { above: number; most?: number }): Rule {
  const limit = most === Number.MAX_VALUE ? '' : ` and at most ${most}`;
  return {
    holds: (value) =>
      Array.isArray(value) &&
      value.length === 2 &&
      [...value].every(Number.isFinite) &&
      value[0] > above &&
      value[0] <= value[1] &&
      value[1] <= most,
    words: `[least, most], rising numbers above ${above}${limit}`,
  };
}

/** A uniform number of `range`. */
export function uniformOf(random: Random, [least, most]: NumberRange): number {
  return least + (most - least) * random.uniform();
}

/** Options as a transform's name has them: `degrees: 15, scale: [0.8, 1]`. */
export function text(options: object): string {
  return Object.entries(options)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}: ${Array.isArray(value) ? `[${value.join(', ')}]` : value}`)
    .join(', ');
}
