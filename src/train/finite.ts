/**
 * @file Checks for NaN and infinite numbers in what is read, saved and loaded.
 */

import type { StateDict } from '../nn/state-dict.ts';

/** A value of a state dict that is NaN, infinite or a negative variance. */
export interface UnusableValue {
  readonly name: string;
  readonly value: number;
}

/** The names of batch norms' running variances. */
const IS_VARIANCE = /(^|\.)_variance$/;

/** Whether no value is NaN or infinite. */
export function allFinite(values: ArrayLike<number>): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}

/** The first value of `state` that is NaN, infinite, or a negative variance; undefined where there is none. */
export function firstUnusable(state: StateDict): UnusableValue | undefined {
  for (const [name, { data }] of state) {
    const least = IS_VARIANCE.test(name) ? 0 : Number.NEGATIVE_INFINITY;
    for (let i = 0; i < data.length; i++) {
      const value = data[i]!;
      if (!Number.isFinite(value) || value < least) return { name, value };
    }
  }
  return undefined;
}
