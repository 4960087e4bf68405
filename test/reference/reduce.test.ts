/** @file Tests of the reference sums and means: values by hand, gradients by finite differences. */

import { expect, test } from 'vitest';
import fc from '../support/fast-check.ts';
import { fromArray, type NdArray, randomNormal, xorshift } from './array.ts';
import { gradientError } from './finite-difference.ts';
import {
  argMax,
  logSumExp,
  logSumExpBackward,
  max,
  maxBackward,
  mean,
  meanBackward,
  min,
  minBackward,
  reducedShape,
  sum,
  sumBackward,
  variance,
  varianceBackward,
} from './reduce.ts';

const x = fromArray([2, 3], [1, 2, 3, 4, 5, 6]);

test('by hand', () => {
  expect([sum(x).shape, [...sum(x).data]]).toEqual([[1], [21]]);
  expect([...mean(x).data]).toEqual([3.5]);
  expect([...sum(x, { axes: [0] }).data]).toEqual([5, 7, 9]);
  expect([...mean(x, { axes: [1] }).data]).toEqual([2, 5]);
  expect([...meanBackward([2, 3], fromArray([2], [3, 6]), { axes: [1] }).data]).toEqual([1, 1, 1, 2, 2, 2]);
});

test('others by hand', () => {
  const y = fromArray([2, 3], [3, 1, 3, -1, 0, 4]);
  expect([...max(y, { axes: [1] }).data, ...min(y).data]).toEqual([3, 4, -1]);
  expect([...argMax(y, { axes: [1] }).data, ...argMax(y).data]).toEqual([0, 2, 5]);
  expect([...argMax(fromArray([3], [2, Number.NaN, 3])).data]).toEqual([1]);
  expect([...variance(x, { axes: [1] }).data]).toEqual([1, 1]);
  expect([...variance(x, { axes: [0], unbiased: false }).data]).toEqual([2.25, 2.25, 2.25]);
  expect(logSumExp(fromArray([2], [1000, 1000])).data[0]).toBeCloseTo(1000 + Math.LN2, 12);
  expect([...maxBackward(y, fromArray([2], [1, 2]), { axes: [1] }).data]).toEqual([0.5, 0, 0.5, 0, 0, 2]);
  expect([...minBackward(y, fromArray([1], [3])).data]).toEqual([0, 0, 0, 3, 0, 0]);
});

test('shapes', () => {
  expect(reducedShape([2, 3, 4, 5], { axes: [0, 2, 3] })).toEqual([3]);
  expect(reducedShape([2, 3, 4, 5], { axes: [0, 2, 3], keepDims: true })).toEqual([1, 3, 1, 1]);
  expect(reducedShape([2, 3], { axes: [0, 1] })).toEqual([1]);
  expect(reducedShape([2, 3], { keepDims: true })).toEqual([1, 1]);
});

test('gradients', () => {
  const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
  const axes = fc.option(fc.uniqueArray(fc.integer({ min: 0, max: 3 })));
  fc.assert(
    fc.property(shapes, axes, fc.boolean(), fc.nat(), (shape, drawn, keepDims, seed) => {
      const next = xorshift(seed);
      const options = drawn ? { keepDims, axes: drawn.filter((axis) => axis < shape.length) } : { keepDims };
      const x = randomNormal(shape, next);
      for (const [forward, backward] of [
        [sum, sumBackward],
        [mean, meanBackward],
      ] as const) {
        const error = gradientError(
          (x) => forward(x!, options),
          (dy) => [backward(shape, dy, options)],
          [x],
          next,
        );
        expect(error).toBeLessThan(1e-7);
      }
      const elements = x.data.length / sum(x, { ...options, keepDims: true }).data.length;
      const unbiased = elements > 1;
      const spread = { ...options, unbiased };
      for (const [forward, backward] of [
        [max, maxBackward],
        [min, minBackward],
        [logSumExp, logSumExpBackward],
        [(x: NdArray) => variance(x, spread), (x: NdArray, dy: NdArray) => varianceBackward(x, dy, spread)],
      ] as const) {
        const error = gradientError(
          (x) => forward(x!, options),
          (dy) => [backward(x, dy, options)],
          [x],
          next,
        );
        expect(error).toBeLessThan(1e-6);
      }
    }),
    { numRuns: 40 },
  );
});
