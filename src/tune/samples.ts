/**
 * @file Times of repeated runs, and what they tell of the time that they vary around.
 */

/** From so many samples on, the smallest and the largest are left out of account: a single hiccup decides nothing. */
const ENOUGH_TO_TRIM = 11;

/** The middle one of `values`, the upper of the two where they are even in number. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

/**
 * Where the median of what `samples` are drawn from lies, whatever its distribution: between the smallest and the largest of
 * n samples with the probability 1 − 2 · 2⁻ⁿ (n = 7: 98 %), between the second smallest and second largest, taken from eleven
 * on, with 1 − 2 · (n + 1) · 2⁻ⁿ (n = 11: 99 %). `error` is how far a sample may be from the truth because of the clock,
 * relative to it.
 */
export function intervalOf(samples: readonly number[], error: number): readonly [low: number, high: number] {
  const sorted = samples.toSorted((a, b) => a - b);
  const trimmed = sorted.length >= ENOUGH_TO_TRIM ? 1 : 0;
  return [sorted[trimmed]! * (1 - error), sorted.at(-1 - trimmed)! * (1 + error)];
}
