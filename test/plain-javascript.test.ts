/**
 * @file The mistakes that are made where no types are checked, and what is said of each.
 */

import { beforeAll, expect, test } from 'vitest';
import { conv2d, linear, relu, reshape, sum, toLayout } from '../src/autograd/ops.ts';
import type { Device } from '../src/device/device.ts';
import { BatchNorm } from '../src/nn/batch-norm.ts';
import { Conv2D } from '../src/nn/conv2d.ts';
import { Linear } from '../src/nn/linear.ts';
import { Pool2D } from '../src/nn/pool2d.ts';
import { ResNet } from '../src/nn/resnet.ts';
import { Random } from '../src/random.ts';
import { full, tensor, zeros } from '../src/tensor/create.ts';
import { tensorStatistics } from '../src/tensor/scope.ts';
import { testDevice } from './support/device.ts';

/** What JavaScript lets one pass. */
// biome-ignore lint/suspicious/noExplicitAny: the types are what is left out here.
const any = (value: unknown): any => value;

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});

const conv = () => ({ inChannels: 4, outChannels: 4, kernel: 1, random: new Random(1) });

test('a device that is left out, or not awaited', () => {
  expect(() => new Conv2D(any({ kernelSize: 3 }), any(undefined))).toThrow(
    /the device of Conv2D is an object: it must be a Device, as createDevice\(\) resolves to/,
  );
  expect(() => tensor(any([1, 2]), any(undefined))).toThrow(/values of a tensor are undefined/);
  expect(() => zeros(any([2, 2]), any(undefined))).toThrow(/the device of a tensor is \[2, 2\]/);
  expect(() => zeros(any(Promise.resolve(device)), [2])).toThrow(
    /the device of a tensor is a Promise: .*await the promise first/,
  );
});

test('an option that is missing, misspelt or unknown', () => {
  const { kernel, ...rest } = conv();
  expect(() => new Conv2D(device, any(rest))).toThrow(/kernel of Conv2D is undefined: it must be /);
  expect(() => new Conv2D(device, any(undefined))).toThrow(/options of Conv2D is undefined: .*inChannels/);
  expect(() => new Conv2D(device, any({ ...conv(), kernelSize: 3 }))).toThrow(
    /Conv2D has no option kernelSize, did you mean kernel\?: its options are .*inChannels, outChannels/,
  );
  expect(() => new Linear(device, any({ in_features: 2, outFeatures: 2 }))).toThrow(
    /did you mean inFeatures/,
  );
  expect(() =>
    relu(conv2d(zeros(device, [1, 4, 2, 2]), zeros(device, [4, 4, 1, 1]), any({ pad: 1 }))),
  ).toThrow(
    /conv2d has no option pad, did you mean padding\?: its options are stride, padding, dilation, groups, bias/,
  );
  expect(() => new ResNet(device, any({ layers: 'toString' }))).toThrow(/layers of ResNet is 'toString'/);
});

test('an operand that is missing or no tensor', () => {
  const x = zeros(device, [1, 4, 2, 2]);
  const { weight } = new Conv2D(device, conv());
  expect(() => conv2d(x, any(undefined))).toThrow(/the weight of conv2d is undefined: it must be a Tensor/);
  expect(() => conv2d(x, any(weight))).toThrow(
    /the weight of conv2d is a Parameter: give its tensor, as in weight.tensor/,
  );
  expect(() => conv2d(x, weight.tensor, any(zeros(device, [4])))).toThrow(
    /conv2d takes options \{stride, .*bias\}, got a Tensor/,
  );
  expect(() => linear(zeros(device, [1, 2]), any(undefined))).toThrow(/the weight of linear is undefined/);
  expect(() => relu(any('x'))).toThrow(/x of relu is 'x': it must be a Tensor/);
  expect(() => relu(any(Promise.resolve(x)))).toThrow(/x of relu is a Promise.*await/);
});

test.each<[string, object, RegExp]>([
  [
    'a stride of half a pixel',
    { stride: 0.5 },
    /stride of Conv2D is 0.5: it must be a whole number of at least 1/,
  ],
  ['a stride of no pixel', { stride: [1, 0] }, /stride of Conv2D is \[1, 0\]/],
  ['a negative padding', { padding: -1 }, /padding of Conv2D is -1/],
  ['a padding of three sides', { padding: [1, 2, 3] }, /padding of Conv2D is \[1, 2, 3\]: .*four/],
  ['a dilation of NaN', { dilation: Number.NaN }, /dilation of Conv2D is NaN/],
  ['half a group', { groups: 0.5 }, /groups of Conv2D is 0.5/],
  ['a kernel in words', { kernel: '3' }, /kernel of Conv2D is '3'/],
  ['no channels', { inChannels: 0 }, /inChannels of Conv2D is 0: it must be a whole number of at least 1/],
  ['more channels than fit', { outChannels: 2 ** 40 }, /has \d+ elements/],
  ['a bias that is a number', { bias: 1 }, /bias of Conv2D is 1: it must be true or false/],
])('Conv2D refuses %s', (_, changes, message) => {
  expect(() => new Conv2D(device, { ...conv(), ...any(changes) })).toThrow(message);
});

test.each<[string, object, RegExp]>([
  [
    'a momentum of NaN',
    { momentum: Number.NaN },
    /momentum of BatchNorm is NaN: it must be a number from 0 to 1/,
  ],
  ['a large epsilon', { epsilon: 0.1 }, /epsilon of BatchNorm is 0.1: it must be a number from 0 to 0.001/],
  ['another activation', { act: 'gelu' }, /act of BatchNorm is 'gelu': it must be 'relu'/],
])('BatchNorm refuses %s', (_, changes, message) => {
  expect(() => new BatchNorm(device, { channels: 4, ...any(changes) })).toThrow(message);
});

test('a pooling that does not exist', () => {
  expect(() => new Pool2D(device, any({ type: 'min', kernel: 2 }))).toThrow(/it must be 'max' or 'avg'/);
});

test('shapes, layouts and types that do not exist', () => {
  for (const shape of [[Number.NaN], [-1], [1.5], [0], '3', 3, null, [undefined], new Array(2)])
    expect(() => zeros(device, any(shape))).toThrow(/the shape is/);
  expect(() => zeros(device, [2 ** 20, 2 ** 20])).toThrow(/elements, kernels index fewer/);
  expect(() => zeros(device, [2], { dtype: any('f16') })).toThrow(
    /dtype of a tensor is 'f16': it must be 'f32', 'i32', 'u32' or 'u8'/,
  );
  expect(() => zeros(device, [1, 2, 3, 4], { layout: any('nchw') })).toThrow(/layout of a tensor is 'nchw'/);
  expect(() => toLayout(zeros(device, [1, 1, 1, 1]), any('nchw'))).toThrow(/the layout is 'nchw'/);
  expect(() => full(device, [2], 1, any({ dtype: 'i32' }))).toThrow(/full has no option dtype/);
  expect(() => reshape(zeros(device, [2]), any(2))).toThrow(/the shape is 2: it must be an array/);
});

test('axes that are named twice, or are none', () => {
  const x = zeros(device, [2, 3]);
  expect(() => sum(x, { axes: [0, -2] })).toThrow(/the axes \[0, -2\] of a tensor of rank 2 name one twice/);
  expect(() => sum(x, { axes: [2] })).toThrow(/axis 2 is outside a tensor of rank 2/);
  expect(() => sum(x, { axes: any(0) })).toThrow(/axes of sum is 0: it must be an array/);
  expect(() => sum(x, any(0))).toThrow(/options of sum is 0/);
});

test('a seed that is none', () => {
  for (const seed of [undefined, Number.NaN, -1, 1.5, 2 ** 32, '1'])
    expect(() => new Random(any(seed))).toThrow(
      /the seed is .*: it must be a whole number from 0 to 4294967295/,
    );
});

test('what is refused holds no memory', () => {
  const before = tensorStatistics(device);
  expect(() => tensor(device, [1, 2, 3], [2])).toThrow();
  expect(() => tensor(device, any([1, 'two']))).toThrow();
  expect(() => new Linear(device, any({ inFeatures: 2, outFeatures: 3, random: 1 }))).toThrow();
  expect(tensorStatistics(device)).toEqual(before);
});
