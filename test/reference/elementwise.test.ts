/** @file Tests of the reference elementwise ops: values by hand, gradients by finite differences. */

import { expect, test } from 'vitest';
import fc from '../support/fast-check.ts';
import { fromArray, maxAbsDifference, randomDistinct, randomNormal, xorshift, zeros } from './array.ts';
import {
  add,
  addBackward,
  broadcastShape,
  multiply,
  multiplyBackward,
  relu,
  reluBackward,
  sigmoid,
  sigmoidBackward,
} from './elementwise.ts';
import { gradientError } from './finite-difference.ts';

test('relu and sigmoid by hand', () => {
  const x = fromArray([3], [-2, 0, 3]);
  expect([...relu(x).data]).toEqual([0, 0, 3]);
  expect([...reluBackward(x, fromArray([3], [5, 6, 7])).data]).toEqual([0, 0, 7]);
  const s = sigmoid(fromArray([2], [0, Math.log(3)]));
  expect(maxAbsDifference(s, fromArray([2], [0.5, 0.75]))).toBeLessThan(1e-15);
});

test('broadcasting by hand', () => {
  const column = fromArray([2, 1], [1, 2]);
  const row = fromArray([3], [10, 20, 30]);
  expect([...add(column, row).data]).toEqual([11, 21, 31, 12, 22, 32]);
  expect([...multiply(column, row).data]).toEqual([10, 20, 30, 20, 40, 60]);
  expect([...multiply(row, fromArray([1], [2])).data]).toEqual([20, 40, 60]);
  expect(() => broadcastShape([2, 3], [2])).toThrow('[2,3] and [2] cannot be broadcast');
});

test('the gradient of a broadcast operand is summed over its copies', () => {
  const dy = fromArray([2, 3], [1, 2, 3, 4, 5, 6]);
  const { da, db } = addBackward(zeros([2, 1]), zeros([3]), dy);
  expect([da.shape, [...da.data]]).toEqual([
    [2, 1],
    [6, 15],
  ]);
  expect([db.shape, [...db.data]]).toEqual([[3], [5, 7, 9]]);
});

test('gradients of relu and sigmoid', () => {
  const next = xorshift(2);
  const x = randomDistinct([3, 5], next);
  expect(
    gradientError(
      (x) => relu(x!),
      (dy) => [reluBackward(x, dy)],
      [x],
      next,
    ),
  ).toBeLessThan(1e-8);
  expect(
    gradientError(
      (x) => sigmoid(x!),
      (dy) => [sigmoidBackward(x, dy)],
      [x],
      next,
    ),
  ).toBeLessThan(1e-8);
});

test('gradients of add and multiply over random broadcasts', () => {
  const axis = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.constantFrom('both', 'a', 'b'));
  const missing = fc.integer({ min: 0, max: 3 });
  fc.assert(
    fc.property(
      fc.array(axis, { minLength: 1, maxLength: 4 }),
      missing,
      fc.boolean(),
      fc.nat(),
      (axes, cut, swap, seed) => {
        const next = xorshift(seed);
        const only = (name: string) =>
          axes.map(([size, owner]) => (owner === 'both' || owner === name ? size : 1));
        const a = randomNormal(only('a'), next);
        const b = randomNormal(only('b').slice(cut), next);
        const operands = swap ? ([b, a] as const) : ([a, b] as const);
        const ops = [
          [add, addBackward],
          [multiply, multiplyBackward],
        ] as const;
        for (const [forward, backward] of ops) {
          const error = gradientError(
            (a, b) => forward(a!, b!),
            (dy) => {
              const { da, db } = backward(...operands, dy);
              return [da, db];
            },
            operands,
            next,
          );
          expect(error).toBeLessThan(1e-7);
        }
      },
    ),
    { numRuns: 60 },
  );
});
