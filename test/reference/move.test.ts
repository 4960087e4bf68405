/** @file Tests of the reference movements: values by hand, gradients by finite differences. */

import { expect, test } from 'vitest';
import { fromArray, randomNormal, xorshift } from './array.ts';
import { gradientError } from './finite-difference.ts';
import * as move from './move.ts';

const x = fromArray([2, 3], [1, 2, 3, 4, 5, 6]);

test('by hand', () => {
  expect([...move.permute(x, [1, 0]).data]).toEqual([1, 4, 2, 5, 3, 6]);
  const ranges = [
    { start: 1, end: 2, step: 1 },
    { start: 0, end: 3, step: 2 },
  ];
  expect(move.slice(x, ranges)).toEqual(fromArray([1, 2], [4, 6]));
  expect([...move.sliceBackward([2, 3], fromArray([1, 2], [7, 8]), ranges).data]).toEqual([0, 0, 0, 7, 0, 8]);
  expect(move.stack([x, x], 1)).toEqual(fromArray([2, 2, 3], [1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6]));
});

test('a rim by hand', () => {
  const row = fromArray([3], [1, 2, 3]);
  expect([...move.pad(row, [[1, 2]], 'constant', 9).data]).toEqual([9, 1, 2, 3, 9, 9]);
  expect([...move.pad(row, [[2, 1]], 'reflect').data]).toEqual([3, 2, 1, 2, 3, 2]);
  expect([...move.pad(row, [[2, 1]], 'replicate').data]).toEqual([1, 1, 1, 2, 3, 3]);
  expect([...move.gather(x, [1, -1, 1], [3]).data]).toEqual([4, 5, 6, NaN, NaN, NaN, 4, 5, 6]);
  expect([...move.gatherBackward([2, 1], fromArray([3, 1], [1, 2, 4]), [1, 7, 1]).data]).toEqual([0, 5]);
});

test('gradients', () => {
  const next = xorshift(1);
  const [a, b] = [randomNormal([2, 3, 4], next), randomNormal([2, 3, 4], next)];
  const axes = [2, 0, 1];
  const ranges = [2, 3, 4].map((end) => ({ start: 1, end, step: 2 }));
  const errors = [
    gradientError(
      (array) => move.permute(array!, axes),
      (dy) => [move.permuteBackward(dy, axes)],
      [a],
      next,
    ),
    gradientError(
      (array) => move.slice(array!, ranges),
      (dy) => [move.sliceBackward(a.shape, dy, ranges)],
      [a],
      next,
    ),
    gradientError(
      (...parts) => move.stack(parts, 2),
      (dy) => move.stackBackward(a.shape, 2, dy, 2),
      [a, b],
      next,
    ),
  ];
  for (const mode of ['constant', 'reflect', 'replicate'] as const) {
    const pads = [
      [1, 0],
      [0, 2],
      [2, 1],
    ];
    errors.push(
      gradientError(
        (array) => move.pad(array!, pads, mode),
        (dy) => [move.padBackward(a.shape, dy, pads, mode)],
        [a],
        next,
      ),
    );
  }
  const indexes = [1, 0, 1, 1];
  errors.push(
    gradientError(
      (array) => move.gather(array!, indexes, [2, 2]),
      (dy) => [move.gatherBackward(a.shape, dy, indexes)],
      [a],
      next,
    ),
  );
  for (const error of errors) expect(error).toBeLessThan(1e-8);
});
