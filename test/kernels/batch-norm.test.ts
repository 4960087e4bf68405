import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { batchNormApplyPlan } from '../../src/kernels/batch-norm/apply.ts';
import {
  batchNormBackwardInputPlan,
  batchNormBackwardPartialsPlan,
  batchNormBackwardReadsOutput,
  batchNormBackwardSumsPlan,
  batchNormCoefficientsSize,
  type StatisticsSource,
} from '../../src/kernels/batch-norm/backward.ts';
import {
  batchNormBatchStatisticsPlan,
  batchNormPartialsPlan,
  batchNormRunningStatisticsPlan,
  batchNormStatisticsSize,
} from '../../src/kernels/batch-norm/statistics.ts';
import {
  type BatchNormSize,
  batchNormPartialsSize,
  stripeCount,
} from '../../src/kernels/batch-norm/stripes.ts';
import type { Operand } from '../../src/kernels/padding.ts';
import {
  fromArray,
  map,
  maxAbsDifference,
  type NdArray,
  randomNormal,
  randomUniform,
  scaledMaxError,
  xorshift,
} from '../reference/array.ts';
import {
  type BatchNormInputs,
  type BatchNormOptions,
  batchNormEval,
  batchNormEvalBackward,
  batchNormTrain,
  batchNormTrainBackward,
} from '../reference/batch-norm.ts';
import { fromMemory, inMemory, unwritten } from '../support/operands.ts';
import { runKernel } from '../support/run-kernel.ts';

const GARBAGE = 1e30;
const garbage = (size: number) => new Float32Array(size).fill(GARBAGE);

/** A batch norm, its data, and the gradient of its output. */
interface Case extends BatchNormInputs {
  readonly dy: NdArray;
  readonly options: Required<BatchNormOptions>;
}

type Shape4 = readonly [number, number, number, number];

const image = (shape: readonly number[]): Operand => ({ shape, layout: 'channels-last' });
const vector = (channels: number): Operand => ({ shape: [channels], layout: 'row-major' });
const pack = (array: NdArray) => inMemory(array, array.shape.length === 4 ? 'channels-last' : 'row-major');

function sizeOf({ x }: Case): BatchNormSize {
  const [batch, channels, height, width] = x.shape as Shape4;
  return { pixels: batch * height * width, channels };
}

function fusionOf({ residual, options }: Case) {
  return { residual: residual !== undefined, relu: options.relu };
}

/** Random data. Channels have deviation 1 and different means from `mean` on. */
function makeCase(
  shape: Shape4,
  seed: number,
  { mean = 0, residual = false, ...options }: BatchNormOptions & { mean?: number; residual?: boolean } = {},
): Case {
  const next = xorshift(seed);
  const channels = shape[1];
  const positions = shape[2] * shape[3];
  return {
    x: map(randomNormal(shape, next), (value, i) =>
      Math.fround(value + mean + ((Math.floor(i / positions) % channels) % 4)),
    ),
    gamma: randomUniform([channels], next, 0.5, 1.5),
    beta: randomUniform([channels], next),
    runningMean: randomUniform([channels], next, mean, mean + 1),
    runningVariance: randomUniform([channels], next, 0.5, 2),
    ...(residual && { residual: randomNormal(shape, next) }),
    dy: randomNormal(shape, next),
    options: { epsilon: 1e-5, momentum: 0.9, unbiased: false, relu: false, ...options },
  };
}

/** Statistics (as they lie in memory) and running statistics after a forward pass in training. */
async function batchStatistics(c: Case) {
  const size = sizeOf(c);
  const x = pack(c.x);
  const [, , partials] = await runKernel(batchNormPartialsPlan(size), [
    x,
    x,
    garbage(batchNormPartialsSize(size.channels, stripeCount(size))),
  ]);
  const plan = batchNormBatchStatisticsPlan(size, c.options.epsilon, c.options);
  const [, , , , mean, variance, statistics] = await runKernel(plan, [
    partials,
    x,
    pack(c.gamma),
    pack(c.beta),
    pack(c.runningMean),
    pack(c.runningVariance),
    garbage(batchNormStatisticsSize(size.channels)),
  ]);
  const runningMean = fromMemory(mean, vector(size.channels));
  return { statistics, runningMean, runningVariance: fromMemory(variance, vector(size.channels)) };
}

async function runningStatistics(c: Case): Promise<Float32Array> {
  const { channels } = sizeOf(c);
  const [, , , , statistics] = await runKernel(batchNormRunningStatisticsPlan(channels, c.options.epsilon), [
    pack(c.runningMean),
    pack(c.runningVariance),
    pack(c.gamma),
    pack(c.beta),
    garbage(batchNormStatisticsSize(channels)),
  ]);
  return statistics;
}

async function apply(c: Case, statistics: Float32Array): Promise<NdArray> {
  const residual = c.residual ? [pack(c.residual)] : [];
  const buffers = [pack(c.x), statistics, ...residual, unwritten(image(c.x.shape))];
  const written = await runKernel(batchNormApplyPlan(sizeOf(c), fusionOf(c)), buffers);
  return fromMemory(written.at(-1)!, image(c.x.shape));
}

/** All gradients, dγ and dβ added to `old` where it is given. `y` is what the forward pass wrote. */
async function backward(
  c: Case,
  source: StatisticsSource,
  statistics: Float32Array,
  y: NdArray,
  old?: NdArray,
) {
  const size = sizeOf(c);
  const fusion = fusionOf(c);
  const read = [
    pack(c.dy),
    pack(c.x),
    statistics,
    ...(batchNormBackwardReadsOutput(fusion) ? [pack(y)] : []),
  ];
  const partials = await runKernel(batchNormBackwardPartialsPlan(size, fusion), [
    ...read,
    garbage(batchNormPartialsSize(size.channels, stripeCount(size))),
  ]);

  const coefficients = source === 'batch' ? [garbage(batchNormCoefficientsSize(size.channels))] : [];
  const parameters = old ? 'accumulate' : 'write';
  const gradient = () => (old ? pack(old) : unwritten(vector(size.channels)));
  const sums = await runKernel(
    batchNormBackwardSumsPlan(size, { statistics: source, parameters, coefficients: source === 'batch' }),
    [partials.at(-1)!, statistics, gradient(), gradient(), ...coefficients],
  );

  const inputs = await runKernel(
    batchNormBackwardInputPlan(size, fusion, {
      statistics: source,
      input: true,
      residualInput: fusion.residual,
    }),
    [
      ...read,
      ...(source === 'batch' ? [sums.at(-1)!] : []),
      unwritten(image(c.x.shape)),
      ...(fusion.residual ? [unwritten(image(c.x.shape))] : []),
    ],
  );
  const [dx, dresidual] = inputs.slice(source === 'batch' ? read.length + 1 : read.length);
  return {
    dgamma: fromMemory(sums[2]!, vector(size.channels)),
    dbeta: fromMemory(sums[3]!, vector(size.channels)),
    dgammaTail: sums[2]!.subarray(size.channels),
    dx: fromMemory(dx!, image(c.x.shape)),
    ...(dresidual && { dresidual: fromMemory(dresidual, image(c.x.shape)) }),
  };
}

/**
 * Compares the gradients with the reference's, for the elements that ReLU let through in `y`: near 0, rounding
 * decides which.
 */
function expectGradients(
  actual: Awaited<ReturnType<typeof backward>>,
  c: Case,
  reference: typeof batchNormTrainBackward,
  y: NdArray,
  tolerance: number,
) {
  const dp = map(c.dy, (value, i) => (c.options.relu && y.data[i]! <= 0 ? 0 : value));
  const expected = reference(c, dp, { ...c.options, relu: false });
  const { pixels } = sizeOf(c);
  expect(maxAbsDifference(actual.dgamma, expected.dgamma) / pixels).toBeLessThan(tolerance);
  expect(maxAbsDifference(actual.dbeta, expected.dbeta) / pixels).toBeLessThan(tolerance);
  expect(scaledMaxError(actual.dx, expected.dx)).toBeLessThan(tolerance);
  if (actual.dresidual) expect(actual.dresidual).toEqual(expected.dresidual);
  expect(actual.dgammaTail.every((value) => value === 0)).toBe(true);
}

const arbitraryCase = fc
  .record({
    shape: fc.tuple(
      fc.constantFrom(1, 2, 3),
      fc.constantFrom(1, 3, 5, 6, 8, 130),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 4, max: 12 }),
    ),
    seed: fc.nat(),
    options: fc.record({ relu: fc.boolean(), residual: fc.boolean(), unbiased: fc.boolean() }),
  })
  .map(({ shape, seed, options }) =>
    makeCase(shape, seed, { mean: 2, momentum: 0.7, epsilon: 1e-3, ...options }),
  );

test('training: output, running statistics and all gradients', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryCase, async (c) => {
      const expected = batchNormTrain(c, c.options);
      const { statistics, runningMean, runningVariance } = await batchStatistics(c);
      expect(scaledMaxError(runningMean, expected.runningMean)).toBeLessThan(2e-6);
      expect(scaledMaxError(runningVariance, expected.runningVariance)).toBeLessThan(2e-6);
      const y = await apply(c, statistics);
      // Few pixels make large inverse deviations, which magnify the rounding of x.
      const scale = batchNormTrain(c, { ...c.options, relu: false }).y;
      expect(scaledMaxError(y, expected.y, scale)).toBeLessThan(1e-4);
      const gradients = await backward(c, 'batch', statistics, y);
      expectGradients(gradients, c, batchNormTrainBackward, y, 1e-3);
    }),
    { numRuns: 10 },
  );
});

test('evaluation: output and all gradients, from the running statistics', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryCase, async (c) => {
      const statistics = await runningStatistics(c);
      const y = await apply(c, statistics);
      // ReLU may leave a few values near 0, as exact as the large ones it dropped.
      const scale = batchNormEval(c, { ...c.options, relu: false });
      expect(scaledMaxError(y, batchNormEval(c, c.options), scale)).toBeLessThan(1e-5);
      const gradients = await backward(c, 'running', statistics, y);
      expectGradients(gradients, c, batchNormEvalBackward, y, 1e-5);
    }),
    { numRuns: 8 },
  );
});

describe('many pixels, in many stripes', () => {
  test.each([
    { mean: 0, tolerance: 3e-6 },
    { mean: 100, tolerance: 1.5e-5 },
  ])('mean $mean', async ({ mean, tolerance }) => {
    const c = makeCase([3, 6, 70, 61], 11, { mean, relu: true, residual: true });
    expect(stripeCount(sizeOf(c))).toBeGreaterThan(64);
    const expected = batchNormTrain(c, c.options);
    const { statistics, runningVariance } = await batchStatistics(c);
    expect(scaledMaxError(runningVariance, expected.runningVariance)).toBeLessThan(2e-6);
    const y = await apply(c, statistics);
    expect(scaledMaxError(y, expected.y)).toBeLessThan(tolerance);
    const gradients = await backward(c, 'batch', statistics, y);
    expectGradients(gradients, c, batchNormTrainBackward, y, tolerance);
  });
});

describe('a single pixel', () => {
  const shape: Shape4 = [1, 5, 1, 1];
  test.each([
    { relu: false, residual: false },
    { relu: true, residual: false },
    { relu: true, residual: true },
  ])('passes unchanged: relu $relu, residual $residual', async (fusion) => {
    const c = makeCase(shape, 5, { ...fusion, mean: -2, unbiased: true });
    const expected = batchNormTrain(c, c.options);
    const { statistics, runningMean, runningVariance } = await batchStatistics(c);
    expect(runningMean).toEqual(c.runningMean);
    expect(runningVariance).toEqual(c.runningVariance);
    const y = await apply(c, statistics);
    expect(scaledMaxError(y, expected.y)).toBeLessThan(1e-7);
    const old = fromArray([5], [1, 2, 3, 4, 5]);
    const gradients = await backward(c, 'batch', statistics, y, old);
    const { dx } = batchNormTrainBackward(c, c.dy, c.options);
    expect(gradients.dx).toEqual(dx);
    expect(gradients.dgamma).toEqual(old);
    expect(gradients.dbeta).toEqual(old);
  });

  test('is normalised in evaluation', async () => {
    const c = makeCase(shape, 5);
    const statistics = await runningStatistics(c);
    const y = await apply(c, statistics);
    expect(scaledMaxError(y, batchNormEval(c, c.options))).toBeLessThan(1e-6);
    const gradients = await backward(c, 'running', statistics, y);
    expectGradients(gradients, c, batchNormEvalBackward, y, 1e-6);
  });
});

test('gradients of γ and β are added to what is there', async () => {
  const c = makeCase([2, 6, 5, 4], 3, { relu: true });
  const { statistics } = await batchStatistics(c);
  const y = await apply(c, statistics);
  const old = randomNormal([6], xorshift(4));
  const gradients = await backward(c, 'batch', statistics, y, old);
  const { dgamma, dbeta } = batchNormTrainBackward(c, c.dy, c.options);
  const sum = (gradient: NdArray) => map(gradient, (value, i) => value + old.data[i]!);
  expect(scaledMaxError(gradients.dgamma, sum(dgamma))).toBeLessThan(1e-5);
  expect(scaledMaxError(gradients.dbeta, sum(dbeta))).toBeLessThan(1e-5);
});

test('each pass makes only what is wanted', async () => {
  const c = makeCase([2, 3, 5, 4], 8, { relu: true, residual: true });
  const size = sizeOf(c);
  const fusion = fusionOf(c);
  const { statistics } = await batchStatistics(c);
  const y = await apply(c, statistics);
  const expected = batchNormTrainBackward(c, c.dy, c.options);
  const read = [pack(c.dy), pack(c.x), statistics, pack(y)];

  const residualOnly = { statistics: 'batch', input: false, residualInput: true } as const;
  const written = await runKernel(batchNormBackwardInputPlan(size, fusion, residualOnly), [
    ...read,
    unwritten(image(c.x.shape)),
  ]);
  expect(fromMemory(written.at(-1)!, image(c.x.shape))).toEqual(expected.dresidual);

  const partials = await runKernel(batchNormBackwardPartialsPlan(size, fusion), [
    ...read,
    garbage(batchNormPartialsSize(size.channels, stripeCount(size))),
  ]);
  const coefficientsOnly = { statistics: 'batch', parameters: 'none', coefficients: true } as const;
  const [, , coefficients] = await runKernel(batchNormBackwardSumsPlan(size, coefficientsOnly), [
    partials.at(-1)!,
    statistics,
    garbage(batchNormCoefficientsSize(size.channels)),
  ]);
  const inputOnly = { statistics: 'batch', input: true, residualInput: false } as const;
  const inputs = await runKernel(batchNormBackwardInputPlan(size, fusion, inputOnly), [
    ...read,
    coefficients!,
    unwritten(image(c.x.shape)),
  ]);
  expect(scaledMaxError(fromMemory(inputs.at(-1)!, image(c.x.shape)), expected.dx)).toBeLessThan(1e-5);
});

test('a channel of equal values has variance 0, and NaN reaches all of its channel and no other', async () => {
  const c = makeCase([2, 3, 4, 5], 9, { relu: true });
  const x = map(c.x, (value, i) => (Math.floor(i / 20) % 3 === 1 ? 7.1 : value));
  x.data[20 + 3] = Math.fround(7.1);
  const equal = { ...c, x: map(x, Math.fround) };
  const { runningVariance } = await batchStatistics(equal);
  expect(runningVariance.data[1]).toBeCloseTo(0.9 * c.runningVariance.data[1]!, 6);

  const withNan = { ...c, x: map(c.x, (value, i) => (i === 23 ? Number.NaN : value)) };
  const { statistics, runningMean } = await batchStatistics(withNan);
  expect([...runningMean.data].map(Number.isNaN)).toEqual([false, true, false]);
  const y = await apply(withNan, statistics);
  y.data.forEach((value, i) => {
    expect(Number.isNaN(value)).toBe(Math.floor(i / 20) % 3 === 1);
  });
});
