/**
 * @file Round numbers along an axis.
 */

/** Some round numbers from `least` to `most`: multiples of 1, 2 or 5 times a power of ten. */
export function ticksBetween(least: number, most: number, about = 4): number[] {
  const span = most - least;
  if (!(span > 0) || !Number.isFinite(span)) return [least];
  const power = 10 ** Math.floor(Math.log10(span / about));
  const step = power * ([1, 2, 5].find((factor) => span / (factor * power) <= about) ?? 10);
  const first = Math.ceil(least / step);
  const count = Math.floor(most / step + 1e-9) - first + 1;
  // Multiplied and rounded, so that 0.3 is not 0.30000000000000004.
  return Array.from({ length: count }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}
