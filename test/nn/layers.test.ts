import { expect, test } from 'vitest';
import { BasicBlock } from '../../src/nn/basic-block.ts';
import { BatchNorm } from '../../src/nn/batch-norm.ts';
import { BottleneckBlock } from '../../src/nn/bottleneck-block.ts';
import { ConvBNLayer } from '../../src/nn/conv-bn-layer.ts';
import { Conv2D } from '../../src/nn/conv2d.ts';
import { Linear } from '../../src/nn/linear.ts';
import type { Module } from '../../src/nn/module.ts';
import { Pool2D } from '../../src/nn/pool2d.ts';
import type { StateDict } from '../../src/nn/state-dict.ts';
import { Random } from '../../src/random.ts';
import { tensor } from '../../src/tensor/create.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { fromArray, maxAbsDifference, type NdArray, randomUniform, xorshift } from '../reference/array.ts';
import { batchNormEval, batchNormTrain } from '../reference/batch-norm.ts';
import { conv2d } from '../reference/conv2d.ts';
import { linear } from '../reference/linear.ts';
import { pool } from '../reference/pool.ts';
import { testDevice } from '../support/device.ts';

const next = xorshift(11);
const random = new Random(3);

async function onDevice(array: NdArray): Promise<Tensor> {
  return tensor(await testDevice(), Float32Array.from(array.data), array.shape);
}

async function read(t: Tensor): Promise<NdArray> {
  return fromArray(t.shape, await t.data());
}

/** Fills all state but running statistics with random values and returns it. */
async function randomize(module: Module<never>): Promise<(name: string) => NdArray> {
  const state: StateDict = await module.stateDict();
  for (const [name, { shape, data }] of state) {
    if (!name.endsWith('_mean') && !name.endsWith('_variance')) data.set(randomUniform(shape, next).data);
  }
  module.loadStateDict(state);
  return (name) => fromArray(state.get(name)!.shape, state.get(name)!.data);
}

test('Conv2D convolves, with groups, dilation and bias', async () => {
  const options = { stride: [2, 1], padding: [1, 1, 2, 2], dilation: [1, 2], groups: 2 } as const;
  const layer = new Conv2D(await testDevice(), {
    inChannels: 4,
    outChannels: 6,
    kernel: [3, 2],
    bias: true,
    random,
    ...options,
  });
  const state = await randomize(layer);
  const x = randomUniform([2, 4, 7, 6], next);
  const expected = conv2d(x, state('weight'), options, state('bias'));
  expect(maxAbsDifference(await read(layer(await onDevice(x))), expected)).toBeLessThan(1e-5);
  layer.dispose();
});

test('Conv2D begins with the deviation of all input channels, whatever the groups', async () => {
  const device = await testDevice();
  const layer = new Conv2D(device, { inChannels: 64, outChannels: 128, kernel: 3, groups: 4, random });
  expect(layer.weight.shape).toEqual([128, 16, 3, 3]);
  const values = (await layer.weight.tensor.data()) as Float32Array;
  const deviation = Math.sqrt(values.reduce((total, value) => total + value * value, 0) / values.length);
  expect(deviation / Math.sqrt(2 / (9 * 64))).toBeCloseTo(1, 1);
  expect(layer.bias).toBeUndefined();
  layer.dispose();
  expect(() => new Conv2D(device, { inChannels: 6, outChannels: 8, kernel: 1, groups: 4, random })).toThrow(
    /6 input and 8 output channels do not both divide into 4 groups/,
  );
});

test('BatchNorm moves its statistics in train mode only', async () => {
  const options = { momentum: 0.7, epsilon: 1e-4, unbiased: true };
  const layer = new BatchNorm(await testDevice(), { channels: 3, act: 'relu', ...options });
  const state = await randomize(layer);
  const x = randomUniform([2, 3, 4, 5], next);
  const residual = randomUniform([2, 3, 4, 5], next);
  const inputs = {
    x,
    residual,
    gamma: state('weight'),
    beta: state('bias'),
    runningMean: state('_mean'),
    runningVariance: state('_variance'),
  };
  const trained = batchNormTrain(inputs, { ...options, relu: true });
  const [xOnDevice, residualOnDevice] = [await onDevice(x), await onDevice(residual)];
  expect(maxAbsDifference(await read(layer(xOnDevice, residualOnDevice)), trained.y)).toBeLessThan(1e-5);
  expect(maxAbsDifference(await read(layer.mean.tensor), trained.runningMean)).toBeLessThan(1e-6);
  expect(maxAbsDifference(await read(layer.variance.tensor), trained.runningVariance)).toBeLessThan(1e-6);

  layer.eval();
  const { residual: _, ...plain } = inputs;
  const evaluated = batchNormEval(
    { ...plain, runningMean: trained.runningMean, runningVariance: trained.runningVariance },
    { ...options, relu: true },
  );
  expect(maxAbsDifference(await read(layer(xOnDevice)), evaluated)).toBeLessThan(1e-5);
  expect(maxAbsDifference(await read(layer.mean.tensor), trained.runningMean)).toBeLessThan(1e-6);
  layer.dispose();
});

test('Pool2D takes the largest value or the mean', async () => {
  const device = await testDevice();
  const x = randomUniform([2, 5, 7, 6], next);
  const window = { kernel: [3, 3], stride: [2, 2], padding: [1, 1, 1, 1] } as const;
  for (const type of ['max', 'avg'] as const) {
    const expected = pool(x, { type, exclusive: false, ...window });
    const layer = new Pool2D(device, { type, exclusive: false, ...window });
    expect(maxAbsDifference(await read(layer(await onDevice(x))), expected)).toBeLessThan(1e-6);
  }
});

test('Linear multiplies and adds', async () => {
  const layer = new Linear(await testDevice(), { inFeatures: 10, outFeatures: 3, random });
  expect([...(await layer.bias.tensor.data())]).toEqual([0, 0, 0]);
  const state = await randomize(layer);
  const x = randomUniform([4, 10], next);
  const expected = linear(x, state('weight'), state('bias'));
  expect(maxAbsDifference(await read(layer(await onDevice(x))), expected)).toBeLessThan(1e-5);
  layer.dispose();
});

/** A ConvBNLayer of the reference, in train mode. */
function convBN(
  x: NdArray,
  state: (name: string) => NdArray,
  name: string,
  options: { stride?: number; padding?: number; relu?: boolean; residual?: NdArray },
): NdArray {
  const { stride = 1, padding = 0, ...rest } = options;
  const [gamma, beta, runningMean, runningVariance] = ['weight', 'bias', '_mean', '_variance'].map((part) =>
    state(`${name}_batch_norm.${part}`),
  ) as [NdArray, NdArray, NdArray, NdArray];
  const convolved = conv2d(x, state(`${name}_conv.weight`), {
    stride: [stride, stride],
    padding: [padding, padding, padding, padding],
    dilation: [1, 1],
    groups: 1,
  });
  const { residual, ...how } = rest;
  return batchNormTrain({ x: convolved, gamma, beta, runningMean, runningVariance, residual }, how).y;
}

test('ConvBNLayer pads by half its filter', async () => {
  const device = await testDevice();
  const layer = new ConvBNLayer(device, { inChannels: 3, outChannels: 8, kernel: 5, stride: 2, random });
  const state = await randomize(layer);
  const x = randomUniform([2, 3, 9, 8], next);
  const expected = convBN(x, state, '', { stride: 2, padding: 2 });
  expect(expected.shape).toEqual([2, 8, 5, 4]);
  expect(maxAbsDifference(await read(layer(await onDevice(x))), expected)).toBeLessThan(1e-4);
  layer.dispose();
});

test.each([
  { inChannels: 8, stride: 1, short: false },
  { inChannels: 8, stride: 2, short: true },
  { inChannels: 4, stride: 1, short: true },
])('BottleneckBlock of $inChannels channels with stride $stride', async ({ inChannels, stride, short }) => {
  const block = new BottleneckBlock(await testDevice(), { inChannels, channels: 2, stride, random });
  const state = await randomize(block);
  const x = randomUniform([2, inChannels, 6, 6], next);
  expect(block.short !== undefined).toBe(short);
  const residual = short ? convBN(x, state, 'short.', { stride }) : x;
  const y0 = convBN(x, state, 'conv0.', { relu: true });
  const y1 = convBN(y0, state, 'conv1.', { stride, padding: 1, relu: true });
  const expected = convBN(y1, state, 'conv2.', { relu: true, residual });
  expect(maxAbsDifference(await read(block(await onDevice(x))), expected)).toBeLessThan(1e-4);
  block.dispose();
});

test.each([
  { inChannels: 6, stride: 1, short: false },
  { inChannels: 6, stride: 2, short: true },
  { inChannels: 4, stride: 1, short: true },
])('BasicBlock of $inChannels channels with stride $stride', async ({ inChannels, stride, short }) => {
  const block = new BasicBlock(await testDevice(), { inChannels, channels: 6, stride, random });
  const state = await randomize(block);
  const x = randomUniform([2, inChannels, 7, 6], next);
  expect(block.short !== undefined).toBe(short);
  const residual = short ? convBN(x, state, 'short.', { stride }) : x;
  const y0 = convBN(x, state, 'conv0.', { stride, padding: 1, relu: true });
  const expected = convBN(y0, state, 'conv1.', { padding: 1, relu: true, residual });
  expect(maxAbsDifference(await read(block(await onDevice(x))), expected)).toBeLessThan(1e-4);
  block.dispose();
});
