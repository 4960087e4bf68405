import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { backward } from '../../src/autograd/backward.ts';
import { noGrad } from '../../src/autograd/graph.ts';
import { add, mean } from '../../src/autograd/ops.ts';
import type { Device } from '../../src/device/device.ts';
import { gradCam } from '../../src/explain/grad-cam.ts';
import { BatchNorm } from '../../src/nn/batch-norm.ts';
import { Conv2D } from '../../src/nn/conv2d.ts';
import { freeze } from '../../src/nn/freeze.ts';
import { Flatten, ReLU } from '../../src/nn/layers.ts';
import { Linear } from '../../src/nn/linear.ts';
import { Module } from '../../src/nn/module.ts';
import { Pool2D } from '../../src/nn/pool2d.ts';
import { Sequential } from '../../src/nn/sequential.ts';
import { Random } from '../../src/random.ts';
import { full, tensor } from '../../src/tensor/create.ts';
import { scope, tensorStatistics } from '../../src/tensor/scope.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { testDevice } from '../support/device.ts';
import { TinyNet } from '../train/tiny.ts';
import { compareMaps, type Reference } from './pytorch-grad-cam.ts';

let device: Device;
let images: Tensor;
beforeAll(async () => {
  device = await testDevice();
  const random = new Random(3);
  const shape = [2, 3, 8, 8];
  images = tensor(
    device,
    Float32Array.from({ length: 2 * 3 * 64 }, () => random.normal()),
    shape,
  );
});

/** As in scripts/interop/grad_cam.py. */
const tiny = (classDim: number) =>
  new Sequential(device, [
    new Conv2D(device, { inChannels: 3, outChannels: 8, kernel: 3, padding: 1, bias: true }),
    new BatchNorm(device, { channels: 8 }),
    new ReLU(device),
    new Conv2D(device, { inChannels: 8, outChannels: 8, kernel: 3, stride: 2, padding: 1, bias: true }),
    new ReLU(device),
    new Pool2D(device, { type: 'max', kernel: 2, stride: 2, padding: 0 }),
    new Flatten(device),
    new Linear(device, { inFeatures: 32, outFeatures: classDim }),
  ]);

const FIXTURE = new URL('fixtures/pytorch-grad-cam.json', import.meta.url);
const references = JSON.parse(readFileSync(FIXTURE, 'utf8')) as Record<string, Reference>;

test.each(Object.entries(references))('gives the maps of pytorch-grad-cam: %s', async (_, reference) => {
  const differences = await compareMaps(tiny(reference.classDim), reference);
  for (const difference of Object.values(differences)) expect(difference).toBeLessThan(2e-5);
  expect(Object.keys(differences)).toEqual(Object.keys(reference.layers));
});

test('a map of the size of the layer is what its definition says', async () => {
  const model = new TinyNet(device);
  const [first] = await gradCam(model, images, { layer: 'conv' });
  const activation = noGrad(device, () => model.eval().conv(images));
  const [values, weights] = await Promise.all([activation.data(), model.out.weight.tensor.data()]);
  activation.dispose();
  // The gradient of a logit by a map that is averaged is the same everywhere: the weight of its mean, but for a factor.
  const map = Array.from({ length: 16 }, (_, at) => {
    const sum = weights.reduce((sum, weight, k) => sum + weight * values[16 * k + at]!, 0);
    return Math.max(0, sum);
  });
  const [least, greatest] = [Math.min(...map), Math.max(...map)];
  expect(first).toMatchObject({ width: 4, height: 4, class: 1 });
  map.forEach((value, at) => {
    expect(first!.values[at]).toBeCloseTo((value - least) / (greatest - least), 5);
  });
});

test('nothing of the model changes: memory, modes, calls, gradients', async () => {
  const model = new TinyNet(device);
  scope(device, () => backward(mean(model(images))));
  model.conv.eval();
  const gradients = () => Promise.all(model.parameters().map(({ grad }) => grad!.data()));
  const state = [...(await model.stateDict())];
  const modes = () => model.namedModules().map(([, { training }]) => training);
  const [before, statistics, training] = [await gradients(), tensorStatistics(device), modes()];
  await gradCam(model, images, { layer: 'conv', size: 5 });
  expect(tensorStatistics(device)).toEqual(statistics);
  expect(modes()).toEqual(training);
  expect(Object.hasOwn(model.conv, 'forward')).toBe(false);
  expect(await gradients()).toEqual(before);
  expect([...(await model.stateDict())]).toEqual(state);
});

test('a frozen model, and layers by the names of PyTorch, give the same maps', async () => {
  const model = new TinyNet(device);
  const maps = await gradCam(model, images, { layer: 'conv._conv' });
  freeze(model);
  expect(await gradCam(model, images, { layer: 'conv._conv' })).toEqual(maps);
  expect(await gradCam(model, images, { layer: 'conv.conv' })).toEqual(maps);
});

test('where nothing speaks for the class the map is zero', async () => {
  const model = new TinyNet(device);
  const zero = full(device, [2, 3, 8, 8], 0);
  for (const { values } of await gradCam(model, zero, { layer: 'conv' }))
    expect(values).toEqual(new Float32Array(16));
});

test('an unknown layer is refused with the names that are like it', async () => {
  const model = new TinyNet(device);
  const refused = gradCam(model, images, { layer: 'conv._conf' });
  await expect(refused).rejects.toThrow(
    "TinyNet has no layer called 'conv._conf': its names are like conv._conv",
  );
  await expect(gradCam(new ReLU(device), images, { layer: 'x' })).rejects.toThrow('no module is inside it');
});

/** Calls one convolution twice, one in vain, and one never. */
class Odd extends Module {
  readonly conv = new Conv2D(device, { inChannels: 3, outChannels: 4, kernel: 1 });
  readonly aside = new Conv2D(device, { inChannels: 3, outChannels: 4, kernel: 1 });
  readonly never = new Conv2D(device, { inChannels: 3, outChannels: 4, kernel: 1 });
  override forward(x: Tensor): Tensor {
    this.aside(x);
    return mean(add(this.conv(x), this.conv(x)), { axes: [2, 3] });
  }
}

test.each([
  ['conv', 'called 2 times'],
  ['never', 'called 0 times'],
  ['aside', 'do not depend'],
])('a layer of no use is refused: %s', async (layer, message) => {
  const model = new Odd(device);
  const before = tensorStatistics(device);
  await expect(gradCam(model, images, { layer })).rejects.toThrow(message);
  expect(tensorStatistics(device)).toEqual(before);
});

test('what is no map, no class, or no number is refused', async () => {
  const model = new TinyNet(device);
  const before = tensorStatistics(device);
  const explained = (options: object, x = images) => gradCam(model, x, { layer: 'conv', ...options });
  await expect(explained({ layer: 'out' })).rejects.toThrow("layer 'out' of gradCam gives [2, 1]");
  await expect(explained({ class: 2 })).rejects.toThrow('tells 2 classes apart');
  await expect(explained({ class: [1] })).rejects.toThrow('1 class for 2 images');
  const spoilt = full(device, [1, 3, 8, 8], Number.NaN);
  await expect(explained({}, spoilt)).rejects.toMatchObject({ code: 'not-finite' });
  spoilt.dispose();
  expect(tensorStatistics(device)).toEqual(before);
});
