import { expect, test } from 'vitest';
import { type NdArray, randomNormal, xorshift } from './array.ts';
import { gradientError } from './finite-difference.ts';
import { groupNorm, layerNorm, type Norm, norm, normBackward } from './norm.ts';

const next = xorshift(31);
const x = randomNormal([2, 6, 2, 3], next);

const EPSILON = 1e-5;
const CASES: Record<string, readonly [shape: readonly number[], make: (x: NdArray, rest: Rest) => Norm]> = {
  'over channels': [[6], (x, rest) => layerNorm(x, [1], rest)],
  'over the last axes': [[2, 3], (x, rest) => layerNorm(x, [2, 3], rest)],
  'in groups': [[6], (x, rest) => groupNorm(x, 2, rest)],
};
type Rest = Pick<Norm, 'weight' | 'bias' | 'epsilon'>;

test.each(Object.entries(CASES))('%s: gradients are those of finite differences', (_, [shape, make]) => {
  const inputs = [x, randomNormal(shape, next), randomNormal(shape, next)];
  const given = (x: NdArray, weight: NdArray, bias: NdArray) => make(x, { weight, bias, epsilon: EPSILON });
  const backward = (dy: NdArray) => {
    const { dx, dweight, dbias } = normBackward(given(...(inputs as [NdArray, NdArray, NdArray])), dy, shape);
    return [dx, dweight, dbias];
  };
  const forward = (...[x, weight, bias]: NdArray[]) => norm(given(x!, weight!, bias!));
  expect(gradientError(forward, backward, inputs, next)).toBeLessThan(1e-6);
});

test('without weight and bias each group has mean 0 and variance 1', () => {
  const { data } = norm(groupNorm(x, 3, { epsilon: 0 }));
  const first = data.subarray(0, 12); // two channels of six pixels
  const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  expect(mean(first)).toBeCloseTo(0, 12);
  expect(mean(first.map((value) => value * value))).toBeCloseTo(1, 12);
});
