/** @file Tests of the reference concatenation: values by hand, gradients by finite differences. */

import { expect, test } from 'vitest';
import { fromArray, type NdArray, randomNormal, xorshift } from './array.ts';
import { concat, concatBackward } from './concat.ts';
import { gradientError } from './finite-difference.ts';

test('by hand', () => {
  const [a, b] = [fromArray([2, 1], [1, 2]), fromArray([2, 2], [3, 4, 5, 6])];
  expect([concat([a, b], 1).shape, [...concat([a, b], 1).data]]).toEqual([
    [2, 3],
    [1, 3, 4, 2, 5, 6],
  ]);
  expect([...concat([b, b], 0).data]).toEqual([3, 4, 5, 6, 3, 4, 5, 6]);
  expect(() => concat([a, b], 0)).toThrow('array 1 has shape [2,2], expected [2,1]');
});

test.each([0, 1, 2])('gradients along axis %i', (axis) => {
  const next = xorshift(axis + 1);
  const arrays = [1, 4, 2].map((size) => randomNormal([3, 2, 5].with(axis, size), next));
  const shapes = arrays.map((array) => array.shape);
  const forward = (...parts: NdArray[]) => concat(parts, axis);
  expect(gradientError(forward, (dy) => concatBackward(shapes, dy, axis), arrays, next)).toBeLessThan(1e-8);
});
