import { expect, test } from 'vitest';
import { Random } from '../../src/random.ts';
import { intervalOf, median } from '../../src/tune/samples.ts';

test('the median is the middle one, whatever the order', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(3);
});

test('few samples count all, many leave out one at either end, and the error of the clock widens', () => {
  expect(intervalOf([5, 1, 3], 0)).toEqual([1, 5]);
  expect(intervalOf([9, 2, 3, 4, 5, 6, 7, 1, 5, 5, 5], 0)).toEqual([2, 7]);
  expect(intervalOf([1, 1, 1], 0.25)).toEqual([0.75, 1.25]);
});

test.each([
  [4, 1 - 2 / 2 ** 4],
  [11, 1 - (2 * (11 + 1)) / 2 ** 11],
])('of %i samples the interval holds the median as often as the formula says', (count, probability) => {
  const random = new Random(count);
  // Skewed, as times are: the median of −ln u is ln 2.
  const draw = () => Array.from({ length: count }, () => -Math.log(1 - random.uniform()));
  const trials = 4000;
  const held = Array.from({ length: trials }, () => intervalOf(draw(), 0)).filter(
    ([low, high]) => low <= Math.LN2 && Math.LN2 <= high,
  ).length;
  expect(Math.abs(held / trials - probability)).toBeLessThan(0.015);
});
