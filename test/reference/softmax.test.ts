/** @file Tests of the reference softmax: values by hand, gradients by finite differences. */

import { expect, test } from 'vitest';
import { fromArray, randomNormal, xorshift } from './array.ts';
import { gradientError } from './finite-difference.ts';
import { logSoftmax, logSoftmaxBackward, softmax, softmaxBackward } from './softmax.ts';

test('by hand', () => {
  const x = fromArray([2, 2], [0, Math.log(3), 1000, 1000]);
  expect([...softmax(x, 1).data].map((y) => Math.round(y * 1e9) / 1e9)).toEqual([0.25, 0.75, 0.5, 0.5]);
  expect(softmax(x, 0).data[2]).toBe(1);
  expect(logSoftmax(x, 1).data[3]).toBeCloseTo(-Math.LN2, 12);
});

test.each([0, 1, 2])('gradients along axis %i', (axis) => {
  const next = xorshift(axis);
  const x = randomNormal([2, 3, 4], next);
  for (const [forward, backward] of [
    [softmax, softmaxBackward],
    [logSoftmax, logSoftmaxBackward],
  ] as const) {
    const error = gradientError(
      (x) => forward(x!, axis),
      (dy) => [backward(x, dy, axis)],
      [x],
      next,
    );
    expect(error).toBeLessThan(1e-7);
  }
});
