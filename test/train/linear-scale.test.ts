import { expect, test } from 'vitest';
import { compactTick, linearScale, tickFormat, ticksOf } from '../../src/train/linear-scale.ts';

test('positions go linearly from one end to the other, and no farther where they are clamped', () => {
  const scale = linearScale([10, 20], [100, 0]);
  expect([10, 12.5, 20, 25].map(scale.position)).toEqual([100, 75, 0, -50]);
  expect([5, 12.5, 25].map(linearScale([10, 20], [100, 0], true).position)).toEqual([100, 75, 0]);
});

test.each([
  [[0, 1], 10, [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]],
  [[0.93, 1], 3, [0.94, 0.96, 0.98, 1]],
  [[0, 7.3], 4, [0, 2, 4, 6]],
  [[120, 2000], 4, [500, 1000, 1500, 2000]],
  [[-30, 20], 5, [-30, -20, -10, 0, 10, 20]],
] as const)('ticks of %j, about %d, are round numbers', (domain, count, expected) => {
  expect(ticksOf(domain, count)).toEqual(expected);
});

test('ticks are written with the decimals that tell them apart', () => {
  expect([0, 0.05, 1200].map(tickFormat([0, 0.3], 6))).toEqual(['0.00', '0.05', '1,200.00']);
  expect([0, 500, 2000].map(tickFormat([120, 2000], 4))).toEqual(['0', '500', '2,000']);
});

test('large ticks are short', () => {
  expect([0, 900, 20_000, 1_500_000, 3e9, 2e24, 1e30].map(compactTick)).toEqual([
    '0',
    '900',
    '20k',
    '1.5M',
    '3G',
    '2Y',
    '1000000Y',
  ]);
});
