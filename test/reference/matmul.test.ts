/** @file Tests of the reference product: values by hand, gradients by finite differences. */

import { expect, test } from 'vitest';
import { fromArray, randomNormal, xorshift } from './array.ts';
import { gradientError } from './finite-difference.ts';
import { matmul, matmulBackward } from './matmul.ts';

test('by hand', () => {
  const a = fromArray([2, 1, 2], [1, 2, 3, 4]);
  const b = fromArray([2, 2], [1, 10, 100, 1000]);
  const c = matmul(a, b);
  expect([c.shape, [...c.data]]).toEqual([
    [2, 1, 2],
    [201, 2010, 403, 4030],
  ]);
});

test('gradients', () => {
  const next = xorshift(4);
  const [a, b] = [randomNormal([3, 1, 2, 4], next), randomNormal([2, 4, 3], next)];
  const error = gradientError(
    (a, b) => matmul(a!, b!),
    (dc) => {
      const { da, db } = matmulBackward(a, b, dc);
      return [da, db];
    },
    [a, b],
    next,
  );
  expect(error).toBeLessThan(1e-7);
});
