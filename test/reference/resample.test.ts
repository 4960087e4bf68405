/** @file Tests of the reference resampling: taps by hand, the gradient by finite differences. */

import { expect, test } from 'vitest';
import { fromArray, randomNormal, xorshift } from './array.ts';
import { gradientError } from './finite-difference.ts';
import { averageTaps, bilinearTaps, nearestTaps, resample, resampleBackward } from './resample.ts';

const along = (taps: ReturnType<typeof nearestTaps>) => [
  ...resample(fromArray([1, 1, 1, 3], [1, 2, 4]), [[{ input: 0, weight: 1 }]], taps).data,
];

test('by hand', () => {
  expect(along(nearestTaps(3, 6))).toEqual([1, 1, 2, 2, 4, 4]);
  expect(along(nearestTaps(3, 4, 1.5))).toEqual([1, 1, 2, 4]);
  expect(along(bilinearTaps(3, 6, false))).toEqual([1, 1.25, 1.75, 2.5, 3.5, 4]);
  expect(along(bilinearTaps(3, 5, true))).toEqual([1, 1.5, 2, 3, 4]);
  expect(along(averageTaps(3, 2))).toEqual([1.5, 3]);
});

test('gradients', () => {
  const next = xorshift(1);
  const x = randomNormal([2, 2, 3, 5], next);
  const [rows, columns] = [bilinearTaps(3, 7, false), averageTaps(5, 3)];
  const error = gradientError(
    (array) => resample(array!, rows, columns),
    (dy) => [resampleBackward(x.shape, dy, rows, columns)],
    [x],
    next,
  );
  expect(error).toBeLessThan(1e-8);
});
