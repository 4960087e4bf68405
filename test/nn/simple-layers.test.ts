import { beforeAll, expect, test } from 'vitest';
import * as ops from '../../src/autograd/ops.ts';
import type { Device } from '../../src/device/device.ts';
import { Conv2D } from '../../src/nn/conv2d.ts';
import * as layers from '../../src/nn/layers.ts';
import { Linear } from '../../src/nn/linear.ts';
import { Sequential } from '../../src/nn/sequential.ts';
import { tensor } from '../../src/tensor/create.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { testDevice } from '../support/device.ts';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});

const values = async (x: Tensor) => Array.from(await x.data());
const input = () => tensor(device, [-4, -1.5, -0.25, 0, 0.5, 2, 7]);

test.each([
  [layers.ReLU, 'ReLU', ops.relu],
  [layers.Sigmoid, 'Sigmoid', ops.sigmoid],
  [layers.Tanh, 'Tanh', ops.tanh],
  [layers.SiLU, 'SiLU', ops.silu],
  [layers.Softplus, 'Softplus', ops.softplus],
  [layers.HardSigmoid, 'HardSigmoid', ops.hardSigmoid],
  [layers.HardSwish, 'HardSwish', ops.hardSwish],
  [layers.GELU, 'GELU', ops.gelu],
  [layers.Identity, 'Identity', (x: Tensor) => x],
] as const)('a layer that is its op: %s', async (Layer, name, op) => {
  const layer = new Layer(device);
  expect(await values(layer(input()))).toEqual(await values(op(input())));
  expect([layer.constructor.name, layer.parameters()]).toEqual([name, []]);
});

test('a layer with options hands them on, and refuses others by its name', async () => {
  const layer = new layers.GELU(device, { approximate: 'tanh' });
  expect(await values(layer(input()))).toEqual(await values(ops.gelu(input(), { approximate: 'tanh' })));
  // @ts-expect-error no such approximation
  expect(() => new layers.GELU(device, { approximate: 'erf' })).toThrow(/approximate of GELU is 'erf'/);
});

test('Flatten keeps the batch and the order of the elements', async () => {
  const x = tensor(device, [
    [
      [[1], [2]],
      [[3], [4]],
      [[5], [6]],
    ],
    [
      [[7], [8]],
      [[9], [10]],
      [[11], [12]],
    ],
  ]);
  const y = new layers.Flatten(device)(x);
  expect(y.shape).toEqual([2, 6]);
  expect(await values(y)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
});

test('Sequential calls modules and functions in turn and names them by their places', async () => {
  const conv = new Conv2D(device, { inChannels: 3, outChannels: 2, kernel: 1, bias: true });
  const linear = new Linear(device, { inFeatures: 4, outFeatures: 2 });
  const model = new Sequential(device, [conv, ops.relu, new layers.Flatten(device), linear]);
  expect([...(await model.stateDict()).keys()]).toEqual(['0.weight', '0.bias', '3.weight', '3.bias']);
  expect(linear.weight.name).toBe('');
  expect(model.parameters()[2]!.name).toBe('3.weight');
  const x = tensor(
    device,
    Float32Array.from({ length: 12 }, (_, i) => i - 6),
    [2, 3, 2, 1],
  );
  const expected = linear(new layers.Flatten(device)(ops.relu(conv(x))));
  expect(await values(model.eval()(x))).toEqual(await values(expected));
  expect(conv.training).toBe(false);
  expect(await values(new Sequential(device, [])(x))).toEqual(await values(x));
});
