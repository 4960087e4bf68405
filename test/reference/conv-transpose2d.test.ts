/** @file Tests of the reference transposed convolution: by hand, and its gradients by finite differences. */

import { expect, test } from 'vitest';
import { fromArray, randomNormal, xorshift } from './array.ts';
import { type ConvTranspose2dOptions, convTranspose2d, convTranspose2dBackward } from './conv-transpose2d.ts';
import { gradientError } from './finite-difference.ts';

test('by hand', () => {
  const options: ConvTranspose2dOptions = {
    stride: [2, 2],
    padding: [0, 0, 1, 0],
    dilation: [1, 1],
    outputPadding: [0, 1],
    groups: 1,
  };
  const x = fromArray([1, 1, 1, 2], [1, 2]);
  const y = convTranspose2d(x, fromArray([1, 1, 1, 3], [1, 10, 100]), options, fromArray([1], [1000]));
  expect(y).toEqual(fromArray([1, 1, 1, 5], [1010, 1102, 1020, 1200, 1000]));
});

test('gradients', () => {
  const next = xorshift(1);
  const options: ConvTranspose2dOptions = {
    stride: [2, 1],
    padding: [1, 0, 0, 1],
    dilation: [1, 2],
    outputPadding: [1, 0],
    groups: 2,
  };
  const inputs = [randomNormal([2, 4, 3, 2], next), randomNormal([4, 3, 2, 3], next)];
  const error = gradientError(
    (x, w) => convTranspose2d(x!, w!, options),
    (dy) => {
      const { dx, dw } = convTranspose2dBackward(inputs[0]!, inputs[1]!, dy, options);
      return [dx, dw];
    },
    inputs,
    next,
  );
  expect(error).toBeLessThan(1e-8);
});
