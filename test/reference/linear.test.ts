/** @file Tests of the reference fully connected layer: values by hand, gradients by finite differences. */

import { expect, test } from 'vitest';
import fc from '../support/fast-check.ts';
import { fromArray, type NdArray, randomNormal, xorshift } from './array.ts';
import { gradientError } from './finite-difference.ts';
import { linear, linearBackward } from './linear.ts';

const extent = fc.integer({ min: 1, max: 6 });

test('by hand', () => {
  const x = fromArray([2, 2], [1, 2, 3, 4]);
  const weight = fromArray([2, 3], [1, 2, 3, 10, 20, 30]);
  expect([...linear(x, weight, fromArray([3], [100, 200, 300])).data]).toEqual([
    121, 242, 363, 143, 286, 429,
  ]);
});

test('gradients', () => {
  fc.assert(
    fc.property(extent, extent, extent, fc.nat(), (batch, inFeatures, outFeatures, seed) => {
      const next = xorshift(seed);
      const x = randomNormal([batch, inFeatures], next);
      const weight = randomNormal([inFeatures, outFeatures], next);
      const bias = randomNormal([outFeatures], next);
      const backward = (dy: NdArray) => {
        const { dx, dweight, dbias } = linearBackward(x, weight, dy);
        return [dx, dweight, dbias];
      };
      const forward = (x?: NdArray, w?: NdArray, b?: NdArray) => linear(x!, w!, b);
      expect(gradientError(forward, backward, [x, weight, bias], next)).toBeLessThan(1e-7);
    }),
    { numRuns: 30 },
  );
});
