import { expect, test } from 'vitest';
import { reshape } from '../../src/autograd/ops.ts';
import type { Batch } from '../../src/data/data-loader.ts';
import type { Device } from '../../src/device/device.ts';
import { BatchNorm } from '../../src/nn/batch-norm.ts';
import { Conv2D } from '../../src/nn/conv2d.ts';
import { Linear } from '../../src/nn/linear.ts';
import { Module } from '../../src/nn/module.ts';
import { Random } from '../../src/random.ts';
import { upload } from '../../src/tensor/create.ts';
import { tensorStatistics } from '../../src/tensor/scope.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import type { BatchSource } from '../../src/train/batch-source.ts';
import { recalibrate } from '../../src/train/recalibrate.ts';
import { fromArray, type NdArray } from '../reference/array.ts';
import { batchNormTrain } from '../reference/batch-norm.ts';
import { conv2d } from '../reference/conv2d.ts';
import { normalizeImage } from '../reference/normalize-image.ts';
import { testDevice } from '../support/device.ts';
import { noise } from './tiny.ts';

const FEATURES = [6, 5] as const;
const SOURCE = noise([4, 5, 2], 3);
const WINDOW = { stride: [3, 3], dilation: [1, 1], groups: 1 } as const;

/** Convolution, batch norm and ReLU twice, 16×16 → 6×6 → 1×1, then one logit. */
class TwoLayers extends Module {
  readonly first: Conv2D;
  readonly firstNorm: BatchNorm;
  readonly second: Conv2D;
  readonly secondNorm: BatchNorm;
  readonly out: Linear;

  constructor(device: Device) {
    super(device);
    const random = new Random(5);
    const [middle, last] = FEATURES;
    const conv = (inChannels: number, outChannels: number, kernel: number, padding: number) =>
      new Conv2D(device, { inChannels, outChannels, kernel, padding, stride: 3, random });
    this.first = conv(3, middle, 3, 1);
    this.firstNorm = new BatchNorm(device, { channels: middle, act: 'relu' });
    this.second = conv(middle, last, 6, 0);
    this.secondNorm = new BatchNorm(device, { channels: last, unbiased: true });
    this.out = new Linear(device, { inFeatures: last, outFeatures: 1, random });
  }

  override forward(x: Tensor): Tensor {
    const y = this.firstNorm(this.first(x));
    const z = this.secondNorm(this.second(y));
    return this.out(reshape(z, [x.shape[0]!, FEATURES[1]]));
  }
}

/** What each batch norm of {@link TwoLayers} is given in one batch, in float64. */
async function normInputs(model: TwoLayers, { images, names, size }: Batch): Promise<[NdArray, NdArray]> {
  const state = await model.stateDict();
  const array = (name: string) => fromArray(state.get(name)!.shape, state.get(name)!.data);
  const normalized = (x: NdArray, name: string) => {
    const parameters = { gamma: array(`${name}.weight`), beta: array(`${name}.bias`) };
    const running = { runningMean: parameters.beta, runningVariance: parameters.gamma };
    return batchNormTrain({ x, ...parameters, ...running }, { relu: true }).y;
  };
  const x = normalizeImage(images, [names.length, size, size]);
  const first = conv2d(x, array('first.weight'), { ...WINDOW, padding: [1, 1, 1, 1] });
  const hidden = normalized(first, 'firstNorm');
  return [first, conv2d(hidden, array('second.weight'), { ...WINDOW, padding: [0, 0, 0, 0] })];
}

/** Mean and biased variance of each channel over all elements of `batches`, in two passes. */
function statisticsOf(batches: readonly NdArray[]): { mean: number[]; variance: number[] } {
  const channels = batches[0]!.shape[1]!;
  const values: number[][] = Array.from({ length: channels }, () => []);
  for (const { shape, data } of batches) {
    const positions = shape[2]! * shape[3]!;
    data.forEach((value, i) => {
      values[Math.floor(i / positions) % channels]!.push(value);
    });
  }
  const meanOf = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0) / list.length;
  const mean = values.map(meanOf);
  return { mean, variance: values.map((list, c) => meanOf(list.map((value) => (value - mean[c]!) ** 2))) };
}

async function batchesOf(source: BatchSource): Promise<Batch[]> {
  const batches: Batch[] = [];
  for await (const batch of source.epoch(0)) batches.push(batch);
  return batches;
}

/** The running statistics, named. */
async function buffersOf(model: Module): Promise<Record<string, readonly number[]>> {
  const entries = await Promise.all(
    model.namedBuffers().map(async ([name, buffer]) => [name, Array.from(await buffer.data())] as const),
  );
  return Object.fromEntries(entries);
}

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  actual.forEach((value, c) => {
    expect(Math.abs(value - expected[c]!)).toBeLessThan(1e-5 * (1 + Math.abs(expected[c]!)));
  });
}

test('gives the mean and the biased variance over all batches, whatever was there before', async () => {
  const model = new TwoLayers(await testDevice());
  // Weights as training leaves them, far from the values that batch norms begin with.
  const random = new Random(8);
  for (const { tensor, size } of model.parameters()) {
    upload(
      tensor,
      Float32Array.from({ length: size }, () => 0.3 + random.uniform()),
    );
  }
  upload(model.firstNorm.mean.tensor, new Float32Array(FEATURES[0]).fill(1e6));
  upload(model.secondNorm.variance.tensor, new Float32Array(FEATURES[1]));
  await recalibrate(model, SOURCE);

  const inputs = await Promise.all((await batchesOf(SOURCE)).map((batch) => normInputs(model, batch)));
  const found = await buffersOf(model);
  for (const [i, name] of (['firstNorm', 'secondNorm'] as const).entries()) {
    const { mean, variance } = statisticsOf(inputs.map((input) => input[i]!));
    expectClose(found[`${name}._mean`]!, mean);
    expectClose(found[`${name}._variance`]!, variance);
  }
  await recalibrate(model, SOURCE);
  expect(await buffersOf(model)).toEqual(found);
});

test('changes nothing else, modes of inner modules included', async () => {
  const device = await testDevice();
  const model = new TwoLayers(device);
  await recalibrate(model, SOURCE);
  const before = await model.stateDict();
  model.secondNorm.eval();
  const tensors = tensorStatistics(device);
  await recalibrate(model, SOURCE);
  expect(await model.stateDict()).toEqual(before);
  expect([model.training, model.firstNorm.training, model.secondNorm.training]).toEqual([true, true, false]);
  expect(tensorStatistics(device)).toEqual(tensors);
});

test('leaves all as it was where the source fails, the signal aborts, or a number is lost', async () => {
  const device = await testDevice();
  const model = new TwoLayers(device).eval();
  const before = await model.stateDict();
  const tensors = tensorStatistics(device);
  const stop = new AbortController();
  const onSecond = (act: () => void): BatchSource => ({
    length: 3,
    async *epoch() {
      for (const batch of await batchesOf(SOURCE)) {
        if (batch.index === 2) act();
        yield batch;
      }
    },
  });
  const failing = onSecond(() => {
    throw new Error('unreadable');
  });
  await expect(recalibrate(model, failing)).rejects.toThrow('unreadable');
  const aborting = onSecond(() => stop.abort(new Error('stopped')));
  await expect(recalibrate(model, aborting, { signal: stop.signal })).rejects.toThrow('stopped');
  const empty: BatchSource = { length: 0, async *epoch() {} };
  await expect(recalibrate(model, empty)).rejects.toMatchObject({
    code: 'bad-data',
    message: expect.stringContaining('the source gave no batch'),
  });
  expect(await model.stateDict()).toEqual(before);

  const { weight } = model.second;
  upload(weight.tensor, new Float32Array(weight.size).fill(Number.NaN));
  const buffers = await buffersOf(model);
  await expect(recalibrate(model, SOURCE)).rejects.toMatchObject({
    code: 'not-finite',
    message: expect.stringMatching(
      /0-0, 0-1, 0-2 and 1 more .*not finite is second; 1 of 8 parameters .* second\.weight first/,
    ),
  });
  expect(await buffersOf(model)).toEqual(buffers);
  expect([model.training, model.secondNorm.training]).toEqual([false, false]);
  expect(tensorStatistics(device)).toEqual(tensors);
});

test('one element per channel has no statistics: such a batch is left out', async () => {
  const model = new TwoLayers(await testDevice());
  await recalibrate(model, noise([4, 1], 3));
  const [first] = await batchesOf(noise([4, 1], 3));
  const { mean, variance } = statisticsOf([(await normInputs(model, first!))[1]]);
  const found = await buffersOf(model);
  expectClose(found['secondNorm._mean']!, mean);
  expectClose(found['secondNorm._variance']!, variance);
  await expect(recalibrate(model, noise([1, 1], 3))).rejects.toMatchObject({
    code: 'bad-data',
    message: expect.stringMatching(/secondNorm one element per channel only/),
  });
  expect(await buffersOf(model)).toEqual(found);
});
