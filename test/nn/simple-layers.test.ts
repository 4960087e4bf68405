import { beforeAll, expect, test } from 'vitest';
import * as ops from '../../src/autograd/ops.ts';
import type { Device } from '../../src/device/device.ts';
import { ConvTranspose2D } from '../../src/nn/conv-transpose2d.ts';
import { Conv2D } from '../../src/nn/conv2d.ts';
import { constant, normal } from '../../src/nn/initializers.ts';
import * as layers from '../../src/nn/layers.ts';
import { Linear } from '../../src/nn/linear.ts';
import { Sequential } from '../../src/nn/sequential.ts';
import { Random } from '../../src/random.ts';
import { tensor, upload } from '../../src/tensor/create.ts';
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

test('layers with options hand them on, and refuse others by their names', async () => {
  const layer = new layers.GELU(device, { approximate: 'tanh' });
  expect(await values(layer(input()))).toEqual(await values(ops.gelu(input(), { approximate: 'tanh' })));
  const slope = { negativeSlope: 0.3 };
  expect(await values(new layers.LeakyReLU(device, slope)(input()))).toEqual(
    await values(ops.leakyRelu(input(), slope)),
  );
  expect(await values(new layers.ELU(device)(input()))).toEqual(await values(ops.elu(input())));
  const image = () =>
    tensor(
      device,
      Float32Array.from({ length: 24 }, (_, i) => i % 7),
      [1, 2, 3, 4],
    );
  const same = async (made: Tensor, expected: Tensor) => {
    expect(made.shape).toEqual(expected.shape);
    expect(await values(made)).toEqual(await values(expected));
  };
  await same(new layers.Softmax(device, { axis: 1 })(image()), ops.softmax(image(), { axis: 1 }));
  await same(new layers.Softmax(device)(image()), ops.softmax(image()));
  const larger = { scale: 2, mode: 'bilinear' } as const;
  await same(new layers.Upsample(device, larger)(image()), ops.upsample(image(), larger));
  const pool = new layers.AdaptiveAvgPool2D(device, { outputSize: [2, 1] });
  await same(pool(image()), ops.adaptiveAvgPool2d(image(), [2, 1]));
  // @ts-expect-error the size must be given
  expect(() => new layers.AdaptiveAvgPool2D(device)).toThrow(/outputSize of AdaptiveAvgPool2D is undefined/);
  // @ts-expect-error no such approximation
  expect(() => new layers.GELU(device, { approximate: 'erf' })).toThrow(/approximate of GELU is 'erf'/);
});

test('ConvTranspose2D is its op with a filter that is drawn as a convolution’s', async () => {
  const options = { inChannels: 4, outChannels: 6, kernel: [3, 2], groups: 2, bias: true } as const;
  const layer = new ConvTranspose2D(device, {
    ...options,
    stride: 2,
    outputPadding: 1,
    random: new Random(4),
  });
  expect([layer.weight.shape, layer.bias!.shape]).toEqual([[4, 3, 3, 2], [6]]);
  const drawn = normal(0, Math.sqrt(2 / (3 * 2 * 4)))(4 * 3 * 3 * 2, new Random(4));
  expect(await layer.weight.tensor.data()).toEqual(drawn);
  upload(layer.bias!.tensor, [1, 2, 3, 4, 5, 6]);
  const x = tensor(
    device,
    Float32Array.from({ length: 24 }, (_, i) => i - 9),
    [1, 4, 2, 3],
  );
  const window = { stride: 2, outputPadding: 1, groups: 2, bias: layer.bias!.tensor };
  expect(await values(layer(x))).toEqual(await values(ops.convTranspose2d(x, layer.weight.tensor, window)));
  expect(() => new ConvTranspose2D(device, { ...options, groups: 3 })).toThrow(
    /ConvTranspose2D: 4 input and 6 output channels do not both divide into 3 groups/,
  );
});

test('a convolution takes an initializer', async () => {
  const weightInitializer = constant(0.5);
  const layer = new Conv2D(device, { inChannels: 2, outChannels: 1, kernel: 1, weightInitializer });
  expect(await values(layer.weight.tensor)).toEqual([0.5, 0.5]);
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
