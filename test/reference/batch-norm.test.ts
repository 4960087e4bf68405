/** @file Tests of the reference batch normalization: values by hand, gradients by finite differences. */

import { describe, expect, test } from 'vitest';
import fc from '../support/fast-check.ts';
import {
  fromArray,
  full,
  maxAbsDifference,
  type NdArray,
  randomDistinct,
  randomNormal,
  randomUniform,
  xorshift,
} from './array.ts';
import {
  type BatchNormInputs,
  type BatchNormOptions,
  batchNormEval,
  batchNormEvalBackward,
  batchNormTrain,
  batchNormTrainBackward,
} from './batch-norm.ts';
import { gradientError } from './finite-difference.ts';

/** Two images of two channels and two positions: channel 0 holds 1, 3, 5, 7, channel 1 holds 2, 2, 2, 6. */
const x = fromArray([2, 2, 1, 2], [1, 3, 2, 2, 5, 7, 2, 6]);
const inputs: BatchNormInputs = {
  x,
  gamma: fromArray([2], [2, 1]),
  beta: fromArray([2], [1, -1]),
  runningMean: fromArray([2], [10, 20]),
  runningVariance: fromArray([2], [1, 2]),
};

/** Means 4 and 3, variances (9 + 1 + 1 + 9)/4 = 5 and (1 + 1 + 1 + 9)/4 = 3. */
test('training normalizes by the batch, by hand', () => {
  const { y, mean, variance, runningMean, runningVariance } = batchNormTrain(inputs, { epsilon: 0 });
  const [a, b] = [1 / Math.sqrt(5), 1 / Math.sqrt(3)];
  const expected = [1 - 6 * a, 1 - 2 * a, -1 - b, -1 - b, 1 + 2 * a, 1 + 6 * a, -1 - b, -1 + 3 * b];
  expectValues(y, expected);
  expect([...mean.data]).toEqual([4, 3]);
  expect([...variance.data]).toEqual([5, 3]);
  expectValues(runningMean, [9.4, 18.3]);
  expectValues(runningVariance, [1.4, 2.1]);
});

test('the unbiased variance goes into the running variance, and nowhere else', () => {
  const { y, runningVariance } = batchNormTrain(inputs, { unbiased: true });
  expectValues(runningVariance, [0.9 + (0.1 * 5 * 4) / 3, 1.8 + (0.1 * 3 * 4) / 3]);
  expect(y).toEqual(batchNormTrain(inputs).y);
});

test('the momentum is the share that running statistics keep', () => {
  expectValues(batchNormTrain(inputs, { momentum: 0.25 }).runningMean, [5.5, 7.25]);
});

test('evaluation normalizes by the running statistics, by hand', () => {
  const options = { epsilon: 0 };
  const y = batchNormEval({ ...inputs, runningVariance: fromArray([2], [4, 16]) }, options);
  expectValues(y, [-8, -6, -5.5, -5.5, -4, -2, -5.5, -4.5]);
});

test('epsilon is 1e-5 and is added to the variance', () => {
  const y = batchNormEval({ ...inputs, runningVariance: full([2], 1 / 64 - 1e-5) });
  expectValues(y, [-143, -111, -145, -145, -79, -47, -145, -113]);
});

test('the residual is added before ReLU', () => {
  const options = { epsilon: 0, relu: true };
  const residual = fromArray(x.shape, [0, 0, 0, 9, 0, -9, 0, 0]);
  const y = batchNormEval({ ...inputs, residual, runningVariance: fromArray([2], [4, 16]) }, options);
  expectValues(y, [0, 0, 0, 3.5, 0, 0, 0, 0]);
});

describe('a single element a channel', () => {
  const single: BatchNormInputs = { ...inputs, x: fromArray([1, 2, 1, 1], [3, -4]) };

  test('training passes it through and leaves the running statistics alone', () => {
    const trained = batchNormTrain(single);
    expect([...trained.y.data]).toEqual([3, -4]);
    expect(trained.runningMean).toEqual(inputs.runningMean);
    expect(trained.runningVariance).toEqual(inputs.runningVariance);
  });

  test('training has dx = dy where the activation lets it pass, and dγ = dβ = 0', () => {
    const dy = fromArray([1, 2, 1, 1], [5, 6]);
    const gradients = batchNormTrainBackward(single, dy, { relu: true });
    expect([...gradients.dx.data]).toEqual([5, 0]);
    expect([...gradients.dresidual.data]).toEqual([5, 0]);
    expect([...gradients.dgamma.data, ...gradients.dbeta.data]).toEqual([0, 0, 0, 0]);
  });

  test('evaluation normalizes as ever', () => {
    expectValues(batchNormEval(single, { epsilon: 0 }), [-13, -1 - 24 / Math.sqrt(2)]);
  });
});

test('the gradient of ReLU at 0 is 0', () => {
  const zero = { ...inputs, beta: full([2], 0), gamma: full([2], 0) };
  const { dx, dgamma, dbeta, dresidual } = batchNormTrainBackward(zero, full(x.shape, 1), { relu: true });
  for (const gradient of [dx, dgamma, dbeta, dresidual])
    expect(gradient.data.every((d) => d === 0)).toBe(true);
});

describe('gradients of random shapes', () => {
  const extent = fc.integer({ min: 1, max: 4 });
  const shapes = fc.oneof(
    fc.tuple(extent, fc.integer({ min: 1, max: 7 }), extent, extent),
    fc.constantFrom([1, 5, 1, 1], [2, 3, 1, 1], [1, 2, 7, 5], [3, 1, 1, 1]),
  );
  test.each([
    ['training', {}, false],
    ['training, ReLU', { relu: true }, false],
    ['training, residual', {}, true],
    ['training, residual, ReLU', { relu: true }, true],
    ['evaluation', {}, false],
    ['evaluation, residual, ReLU', { relu: true }, true],
  ] as const)('%s', (name, options, withResidual) => {
    fc.assert(
      fc.property(shapes, fc.nat(), (shape, seed) => {
        const error = batchNormGradientError(shape, name.startsWith('training'), options, withResidual, seed);
        expect(error).toBeLessThan(1e-6);
      }),
      // The seed is fixed, as a draw within a step's width of ReLU's kink would rightly disagree.
      { numRuns: 40, seed: 1 },
    );
  });
});

function batchNormGradientError(
  shape: readonly number[],
  training: boolean,
  options: BatchNormOptions,
  withResidual: boolean,
  seed: number,
): number {
  const next = xorshift(seed);
  const channels = [shape[1]!];
  const fixed = {
    runningMean: randomNormal(channels, next),
    runningVariance: randomUniform(channels, next, 0.5, 2),
  };
  // Values that lie apart keep the variance away from 0, where a step of 1e-5 is not small.
  const x = randomDistinct(shape, next, 0.5);
  const residual = withResidual ? randomNormal(shape, next) : undefined;
  const drawn = { x, gamma: randomNormal(channels, next), beta: randomNormal(channels, next), residual };
  const forward = (x?: NdArray, gamma?: NdArray, beta?: NdArray, residual?: NdArray) => {
    const all = { x: x!, gamma: gamma!, beta: beta!, residual, ...fixed };
    return training ? batchNormTrain(all, options).y : batchNormEval(all, options);
  };
  const backward = (dy: NdArray) => {
    const pass = training ? batchNormTrainBackward : batchNormEvalBackward;
    const { dx, dgamma, dbeta, dresidual } = pass({ ...drawn, ...fixed }, dy, options);
    return withResidual ? [dx, dgamma, dbeta, dresidual] : [dx, dgamma, dbeta];
  };
  const varied = [x, drawn.gamma, drawn.beta, ...(residual ? [residual] : [])];
  return gradientError(forward, backward, varied, next);
}

function expectValues(actual: NdArray, expected: readonly number[]): void {
  expect(maxAbsDifference(actual, fromArray(actual.shape, expected))).toBeLessThan(1e-10);
}
