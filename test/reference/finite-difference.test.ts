/** @file Tests of the numeric gradients against derivatives known in closed form. */

import { expect, test } from 'vitest';
import { fromArray, map } from './array.ts';
import { gradientError, numericGradients } from './finite-difference.ts';

test('numeric gradients of x²·y and of sin', () => {
  const f = numericGradients(
    (x, y) => x!.data[0]! ** 2 * y!.data[0]!,
    [fromArray([1], [3]), fromArray([1], [500])],
  );
  expect(f[0]!.data[0]).toBeCloseTo(3000, 6);
  expect(f[1]!.data[0]).toBeCloseTo(9, 8);
  const [sine] = numericGradients((x) => Math.sin(x!.data[1]!), [fromArray([2], [1, 2])]);
  expect(sine!.data[0]).toBe(0);
  expect(sine!.data[1]).toBeCloseTo(Math.cos(2), 9);
});

test('the inputs are left as they were', () => {
  const x = fromArray([2], [0.1, 0.2]);
  numericGradients((y) => y!.data[0]!, [x]);
  expect([...x.data]).toEqual([0.1, 0.2]);
});

test('a right backward pass agrees, a wrong one does not', () => {
  const x = fromArray([3], [1, 2, 3]);
  const cube = (a: typeof x | undefined) => map(a!, (value) => value ** 3);
  const backward = (factor: number) => (dy: typeof x) => [
    map(dy, (value, i) => factor * x.data[i]! ** 2 * value),
  ];
  const next = () => 0.3;
  expect(gradientError(cube, backward(3), [x], next)).toBeLessThan(1e-8);
  expect(gradientError(cube, backward(3.01), [x], next)).toBeGreaterThan(1e-3);
});
