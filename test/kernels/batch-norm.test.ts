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
  type BatchNormSize,
  batchNormPartialsSize,
  stripeCount,
} from '../../src/kernels/batch-norm/channel-sums.ts';
import {
  batchNormSingleBackwardPlan,
  batchNormSingleForwardPlan,
  fitsBatchNormSingleDispatch,
} from '../../src/kernels/batch-norm/single-dispatch.ts';
import {
  batchNormBatchStatisticsPlan,
  batchNormPartialsPlan,
  batchNormRunningStatisticsPlan,
  batchNormStatisticsSize,
} from '../../src/kernels/batch-norm/statistics.ts';
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
import fc from '../support/fast-check.ts';
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

/** How training is computed: pass by pass, or by whole columns in one dispatch. */
const WAYS = ['passes', 'columns'] as const;
type Way = (typeof WAYS)[number];

/** What a forward pass in training writes; statistics as they lie in memory. */
async function train(c: Case, way: Way) {
  if (way === 'columns') return trainByColumns(c);
  const statistics = await batchStatistics(c);
  return { ...statistics, y: await apply(c, statistics.statistics) };
}

async function trainByColumns(c: Case) {
  const size = sizeOf(c);
  const plan = batchNormSingleForwardPlan(size, fusionOf(c), c.options.epsilon, c.options);
  const written = await runKernel(plan, [
    pack(c.x),
    pack(c.gamma),
    pack(c.beta),
    pack(c.runningMean),
    pack(c.runningVariance),
    garbage(batchNormStatisticsSize(size.channels)),
    ...(c.residual ? [pack(c.residual)] : []),
    unwritten(image(c.x.shape)),
  ]);
  return {
    statistics: written[5]!,
    runningMean: fromMemory(written[3]!, vector(size.channels)),
    runningVariance: fromMemory(written[4]!, vector(size.channels)),
    y: fromMemory(written.at(-1)!, image(c.x.shape)),
  };
}

/** What all backward passes over the pixels read. */
function readBack(c: Case, statistics: Float32Array, y: NdArray): Float32Array[] {
  return [pack(c.dy), pack(c.x), statistics, ...(batchNormBackwardReadsOutput(fusionOf(c)) ? [pack(y)] : [])];
}

/** All gradients after a forward pass in training, which wrote `statistics` and `y`. */
async function trainBackward(c: Case, way: Way, statistics: Float32Array, y: NdArray) {
  if (way === 'passes') return backward(c, 'batch', statistics, y);
  const { channels } = sizeOf(c);
  const fusion = fusionOf(c);
  const read = readBack(c, statistics, y);
  const written = await runKernel(batchNormSingleBackwardPlan(sizeOf(c), fusion, fusion.residual), [
    ...read,
    unwritten(vector(channels)),
    unwritten(vector(channels)),
    unwritten(image(c.x.shape)),
    ...(fusion.residual ? [unwritten(image(c.x.shape))] : []),
  ]);
  return gradientsOf(c, written.slice(read.length));
}

/** Gradients out of what the kernels wrote: dγ, dβ, dx and, where there is one, dresidual. */
function gradientsOf(c: Case, [dgamma, dbeta, dx, dresidual]: readonly Float32Array[]) {
  const { channels } = sizeOf(c);
  return {
    dgamma: fromMemory(dgamma!, vector(channels)),
    dbeta: fromMemory(dbeta!, vector(channels)),
    dgammaTail: dgamma!.subarray(channels),
    dx: fromMemory(dx!, image(c.x.shape)),
    ...(dresidual && { dresidual: fromMemory(dresidual, image(c.x.shape)) }),
  };
}

/** Statistics and running statistics after a forward pass in training, pass by pass. */
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

/** All gradients, pass by pass. `y` is what the forward pass wrote. */
async function backward(c: Case, source: StatisticsSource, statistics: Float32Array, y: NdArray) {
  const size = sizeOf(c);
  const fusion = fusionOf(c);
  const read = readBack(c, statistics, y);
  const partials = await runKernel(batchNormBackwardPartialsPlan(size, fusion), [
    ...read,
    garbage(batchNormPartialsSize(size.channels, stripeCount(size))),
  ]);

  const coefficients = source === 'batch' ? [garbage(batchNormCoefficientsSize(size.channels))] : [];
  const gradient = () => unwritten(vector(size.channels));
  const sums = await runKernel(
    batchNormBackwardSumsPlan(size, {
      statistics: source,
      parameters: true,
      coefficients: source === 'batch',
    }),
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
  const maps = inputs.slice(source === 'batch' ? read.length + 1 : read.length);
  return gradientsOf(c, [sums[2]!, sums[3]!, ...maps]);
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

test.each(WAYS)('training by %s: output, running statistics and all gradients', async (way) => {
  await fc.assert(
    fc.asyncProperty(arbitraryCase, async (c) => {
      const expected = batchNormTrain(c, c.options);
      const { statistics, runningMean, runningVariance, y } = await train(c, way);
      expect(scaledMaxError(runningMean, expected.runningMean)).toBeLessThan(2e-6);
      expect(scaledMaxError(runningVariance, expected.runningVariance)).toBeLessThan(2e-6);
      // Few pixels make large inverse deviations, which magnify the rounding of x.
      const scale = batchNormTrain(c, { ...c.options, relu: false }).y;
      expect(scaledMaxError(y, expected.y, scale)).toBeLessThan(1e-4);
      const gradients = await trainBackward(c, way, statistics, y);
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

describe.each([
  { way: 'passes', shape: [3, 6, 70, 61], farFromZero: 1.5e-5 },
  { way: 'columns', shape: [3, 6, 31, 22], farFromZero: 2e-5 },
] as const)('many pixels by $way', ({ way, shape, farFromZero }) => {
  test.each([
    { mean: 0, tolerance: 3e-6 },
    { mean: 100, tolerance: farFromZero },
  ])('mean $mean', async ({ mean, tolerance }) => {
    const c = makeCase(shape, 11, { mean, relu: true, residual: true });
    expect(stripeCount(sizeOf(c)) > 64).toBe(way === 'passes');
    expect(fitsBatchNormSingleDispatch(sizeOf(c))).toBe(way === 'columns');
    const expected = batchNormTrain(c, c.options);
    const { statistics, runningVariance, y } = await train(c, way);
    expect(scaledMaxError(runningVariance, expected.runningVariance)).toBeLessThan(2e-6);
    expect(scaledMaxError(y, expected.y)).toBeLessThan(tolerance);
    const gradients = await trainBackward(c, way, statistics, y);
    expectGradients(gradients, c, batchNormTrainBackward, y, tolerance);
  });
});

describe('a single pixel', () => {
  const shape: Shape4 = [1, 5, 1, 1];
  const fusions = [
    { relu: false, residual: false },
    { relu: true, residual: false },
    { relu: true, residual: true },
  ];
  test.each(WAYS.flatMap((way) => fusions.map((fusion) => ({ way, ...fusion }))))(
    'passes unchanged by $way: relu $relu, residual $residual',
    async ({ way, ...fusion }) => {
      const c = makeCase(shape, 5, { ...fusion, mean: -2, unbiased: true });
      const expected = batchNormTrain(c, c.options);
      const { statistics, runningMean, runningVariance, y } = await train(c, way);
      expect(runningMean).toEqual(c.runningMean);
      expect(runningVariance).toEqual(c.runningVariance);
      expect(scaledMaxError(y, expected.y)).toBeLessThan(1e-7);
      const gradients = await trainBackward(c, way, statistics, y);
      const { dx } = batchNormTrainBackward(c, c.dy, c.options);
      expect(gradients.dx).toEqual(dx);
      const zero = fromArray([5], [0, 0, 0, 0, 0]);
      expect(gradients.dgamma).toEqual(zero);
      expect(gradients.dbeta).toEqual(zero);
    },
  );

  test('is normalized in evaluation', async () => {
    const c = makeCase(shape, 5);
    const statistics = await runningStatistics(c);
    const y = await apply(c, statistics);
    expect(scaledMaxError(y, batchNormEval(c, c.options))).toBeLessThan(1e-6);
    const gradients = await backward(c, 'running', statistics, y);
    expectGradients(gradients, c, batchNormEvalBackward, y, 1e-6);
  });
});

test('each pass makes only what is wanted', async () => {
  const c = makeCase([2, 3, 5, 4], 8, { relu: true, residual: true });
  const size = sizeOf(c);
  const fusion = fusionOf(c);
  const { statistics } = await batchStatistics(c);
  const y = await apply(c, statistics);
  const expected = batchNormTrainBackward(c, c.dy, c.options);
  const read = readBack(c, statistics, y);

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
  const coefficientsOnly = { statistics: 'batch', parameters: false, coefficients: true } as const;
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

test.each(WAYS)(
  'by %s a channel of equal values has variance 0, and NaN reaches all of its channel and no other',
  async (way) => {
    const c = makeCase([2, 3, 4, 5], 9, { relu: true });
    const x = map(c.x, (value, i) => (Math.floor(i / 20) % 3 === 1 ? 7.1 : value));
    x.data[20 + 3] = Math.fround(7.1);
    const equal = { ...c, x: map(x, Math.fround) };
    const { runningVariance } = await train(equal, way);
    expect(runningVariance.data[1]).toBeCloseTo(0.9 * c.runningVariance.data[1]!, 6);

    const withNan = { ...c, x: map(c.x, (value, i) => (i === 23 ? Number.NaN : value)) };
    const { runningMean, y } = await train(withNan, way);
    expect([...runningMean.data].map(Number.isNaN)).toEqual([false, true, false]);
    y.data.forEach((value, i) => {
      expect(Number.isNaN(value)).toBe(Math.floor(i / 20) % 3 === 1);
    });
  },
);

/** Gradients and output where `change` was made to a batch norm with ReLU. */
async function trainChanged(way: Way, residual: boolean, change: (c: Case) => Partial<Case>) {
  const drawn = makeCase([2, 3, 4, 5], 10, { relu: true, residual });
  const c: Case = { ...drawn, ...change(drawn) };
  const { statistics, y } = await train(c, way);
  return { c, y, gradients: await trainBackward(c, way, statistics, y) };
}

describe.each(WAYS)('relu by %s', (way) => {
  test('hands NaN of the residual on, and its gradient', async () => {
    const isNan = (i: number) => i % 7 === 3;
    const { c, y, gradients } = await trainChanged(way, true, ({ residual }) => ({
      residual: map(residual!, (value, i) => (isNan(i) ? Number.NaN : value)),
    }));
    expect([...y.data].map(Number.isNaN)).toEqual([...y.data].map((_, i) => isNan(i)));
    const passed = map(c.dy, (value, i) => (y.data[i]! <= 0 ? 0 : value));
    expect(gradients.dresidual).toEqual(passed);
  });

  test('lets the gradient of a channel that is NaN through', async () => {
    const { c, gradients } = await trainChanged(way, false, ({ x }) => ({
      x: map(x, (value, i) => (i === 23 ? Number.NaN : value)),
    }));
    const channel = [...c.dy.data].filter((_, i) => Math.floor(i / 20) % 3 === 1);
    expect(gradients.dbeta.data[1]).toBeCloseTo(
      channel.reduce((sum, value) => sum + value),
      5,
    );
    expect([...gradients.dx.data].map(Number.isNaN)).toEqual(
      [...c.dy.data].map((_, i) => Math.floor(i / 20) % 3 === 1),
    );
  });

  test.each([false, true])('turns −0 into 0 and stops its gradient, residual %s', async (residual) => {
    const { c, y, gradients } = await trainChanged(way, residual, ({ x, gamma, beta }) => ({
      x: map(x, (_, i) => (i % 4 === 0 ? -1 : 2)),
      gamma: map(gamma, () => 0),
      beta: map(beta, () => -0),
      ...(residual && { residual: map(x, () => -0) }),
    }));
    expect([...y.data]).toEqual([...y.data].map(() => 0));
    expect([...gradients.dbeta.data]).toEqual([0, 0, 0]);
    if (residual) expect([...gradients.dresidual!.data]).toEqual([...c.dy.data].map(() => 0));
  });
});
