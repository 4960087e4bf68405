/**
 * @file What `toOnnx` writes, run by a float64 interpreter of ONNX beside the model itself. The real libraries are asked by
 * `scripts/interop/onnx.ts`.
 */

import { fromBinary } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import * as fovea from '../../src/index.ts';
import { ModelProtoSchema, TensorProto_DataType } from '../../src/interop/onnx/schema.ts';
import { hashedValues } from '../../src/verify/hashed-values.ts';
import { fromArray, maxAbsDifference, type NdArray } from '../reference/array.ts';
import { runOnnx } from '../reference/onnx.ts';
import { testDevice } from '../support/device.ts';

const device = await testDevice();

/** Gives `model` weights and statistics that are neither 0 nor 1. */
function stir<M extends fovea.Module>(model: M): M {
  const members = [
    ...model.namedParameters().map(([name, { tensor }]) => [name, tensor] as const),
    ...model.namedBuffers(),
  ];
  for (const [name, tensor] of members) {
    if (name.endsWith('weight') && tensor.shape.length > 1) continue; // initialized already
    const values = hashedValues(name, tensor.size).map((value) => 0.2 * value);
    const about = /_variance|weight/.test(name) ? 1 : 0;
    fovea.upload(
      tensor,
      values.map((value) => value + about),
    );
  }
  return model;
}

async function exported(model: fovea.Module, options: fovea.OnnxOptions) {
  return fromBinary(ModelProtoSchema, await fovea.toOnnx(model, options));
}

async function computed(model: fovea.Module, x: fovea.Tensor): Promise<NdArray> {
  model.eval();
  const y = fovea.noGrad(device, () => model(x));
  return fromArray(y.shape, await y.data());
}

/** Numbers in [−1, 1]. */
const inputOf = (shape: readonly number[]) =>
  fromArray(
    shape,
    hashedValues(
      'input',
      shape.reduce((a, b) => a * b),
    ),
  );

/** The largest difference of the file's results from the model's, relative to the largest of these. */
async function difference(model: fovea.Module, shape: readonly number[]): Promise<number> {
  const { graph } = await exported(model, { inputShape: shape.slice(1) });
  const input = inputOf(shape);
  const expected = await computed(model, fovea.tensor(device, Float32Array.from(input.data), shape));
  const found = runOnnx(graph!, { input });
  return maxAbsDifference(found, expected) / Math.max(...expected.data.map(Math.abs));
}

const filter = (inChannels: number, outChannels: number, options: object = {}) =>
  new fovea.Conv2D(device, { inChannels, outChannels, kernel: 3, ...options });

describe('a ResNet of photographs', async () => {
  const SIZE = 32;
  const model = stir(new fovea.ResNet(device, { layers: 18, classDim: 2 }));
  const { graph, ...file } = await exported(model, {
    inputShape: [3, SIZE, SIZE],
    preprocessing: { order: 'bgr', normalization: fovea.PREPROCESSINGS.imagenet.normalization },
    metadata: { size: '32', classes: '["a","b"]' },
  });

  test('takes RGB bytes and gives the same logits', async () => {
    const bytes = Uint8Array.from(hashedValues('photographs', 2 * SIZE * SIZE * 3), (x) => 127.5 * (x + 1));
    const bgr = bytes.map((_, i) => bytes[i - 2 * ((i % 3) - 1)]!);
    const { normalization } = fovea.PREPROCESSINGS.imagenet;
    const images = fovea.tensor(device, bgr, [2, SIZE, SIZE, 3], { layout: 'row-major' });
    const expected = await computed(model, fovea.normalizeImages(images, normalization));
    const found = runOnnx(graph!, { images: fromArray([2, SIZE, SIZE, 3], bytes) });
    expect(maxAbsDifference(found, expected)).toBeLessThan(1e-4 * Math.max(...expected.data.map(Math.abs)));
  });

  test('has no batch norms, and names as in the state dict', async () => {
    const operators = new Set(graph!.node.map(({ opType }) => opType));
    expect([...operators].sort()).toEqual(
      ['Add', 'Cast', 'Conv', 'Flatten', 'Gather', 'GlobalAveragePool', 'Identity', 'MatMul'].concat([
        'MaxPool',
        'Mul',
        'Relu',
        'Sub',
        'Transpose',
      ]),
    );
    const shapes = new Map(graph!.initializer.map(({ name, dims }) => [name, dims.map(Number)]));
    expect(shapes.get('bb_1_0.short._conv.weight')).toEqual([128, 64, 1, 1]);
    expect(shapes.get('out.weight')).toEqual([512, 2]);
    expect([...shapes.keys()].filter((name) => name.includes('_batch_norm'))).toEqual([]);
    const kept = (await model.stateDict()).get('out.weight')!.data;
    const { rawData } = graph!.initializer.find(({ name }) => name === 'out.weight')!;
    expect(Buffer.from(rawData).equals(Buffer.from(kept.buffer))).toBe(true);
  });

  test('says what goes in and out, for a batch of any size', () => {
    const [input, output] = [graph!.input[0]!, graph!.output[0]!].map(({ name, type }) => {
      const { elemType, shape } = type!.value.value as {
        elemType: number;
        shape: { dim: { value: unknown }[] };
      };
      return { name, elemType, shape: shape.dim.map(({ value }) => (value as { value: unknown }).value) };
    });
    expect(input).toEqual({
      name: 'images',
      elemType: TensorProto_DataType.UINT8,
      shape: ['batch', 32n, 32n, 3n],
    });
    expect(output).toEqual({ name: 'logits', elemType: TensorProto_DataType.FLOAT, shape: ['batch', 2n] });
  });

  test('has metadata, its maker and its opset', () => {
    expect(file.metadataProps.map(({ key, value }) => [key, value])).toEqual([
      ['size', '32'],
      ['classes', '["a","b"]'],
    ]);
    expect(file).toMatchObject({ irVersion: 8n, producerName: 'fovea', producerVersion: fovea.VERSION });
    expect(file.opsetImport).toMatchObject([{ domain: '', version: 17n }]);
  });

  test('leaves the model in the mode that it was in', async () => {
    model.train();
    await fovea.toOnnx(model, { inputShape: [3, SIZE, SIZE] });
    expect(model.training && model.conv.batchNorm.training).toBe(true);
  });
});

test('a ResNet of bottlenecks is the same network', async () => {
  const model = new fovea.BottleneckBlock(device, { inChannels: 8, channels: 4, stride: 2 });
  expect(await difference(stir(model), [2, 8, 7, 7])).toBeLessThan(1e-5);
});

test('every layer is known', async () => {
  const { Pool2D, Sequential } = fovea;
  const model = new Sequential(device, [
    filter(3, 8, { padding: [1, 2, 0, 1], bias: true }),
    new fovea.BatchNorm(device, { channels: 8, act: 'relu', epsilon: 1e-3 }),
    new fovea.GELU(device),
    filter(8, 8, { groups: 4, dilation: 2, stride: [1, 2] }),
    new fovea.GELU(device, { approximate: 'tanh' }),
    new Pool2D(device, { type: 'max', kernel: 3, stride: 2, padding: 1, ceilMode: true }),
    new fovea.BatchNorm(device, { channels: 8 }), // with no convolution before it
    new fovea.SiLU(device),
    new fovea.ConvTranspose2D(device, {
      inChannels: 8,
      outChannels: 4,
      kernel: 3,
      stride: 2,
      outputPadding: 1,
      bias: true,
    }),
    new fovea.LeakyReLU(device, { negativeSlope: 0.1 }),
    new Pool2D(device, { type: 'avg', kernel: 2, padding: 1, exclusive: false }),
    fovea.hardSwish,
    new Pool2D(device, { type: 'avg', kernel: [3, 2], stride: 1, padding: 1 }),
    new fovea.ELU(device, { alpha: 0.7 }),
    new Sequential(device, [fovea.hardSigmoid, new fovea.Dropout(device), new fovea.Tanh(device)]),
    new fovea.AdaptiveAvgPool2D(device, { outputSize: 1 }),
    fovea.flatten,
    new fovea.Linear(device, { inFeatures: 4, outFeatures: 5 }),
    fovea.softplus,
    new fovea.Softmax(device),
  ]);
  expect(await difference(stir(model), [2, 3, 14, 15])).toBeLessThan(1e-5);
});

test('a layer that is used twice keeps one set of weights', async () => {
  const twice = new fovea.ConvBNLayer(device, { inChannels: 4, outChannels: 4, kernel: 3, act: 'relu' });
  const model = stir(new fovea.Sequential(device, [twice, twice]));
  expect(await difference(model, [1, 4, 5, 5])).toBeLessThan(1e-5);
});

describe('is refused', () => {
  class Own extends fovea.Module {
    override forward(x: fovea.Tensor) {
      return fovea.relu(x);
    }
  }
  class OwnResNet extends fovea.ResNet {
    override forward(x: fovea.Tensor) {
      return fovea.neg(super.forward(x));
    }
  }
  const { Sequential } = fovea;
  const options = { inputShape: [3, 32, 32] };

  test.each([
    [
      'a function',
      () => new Sequential(device, [(x) => fovea.relu(x)]),
      options,
      /holds a function, and what/,
    ],
    ['a module of one’s own', () => new Sequential(device, [new Own(device)]), options, /holds a Own \(0\)/],
    [
      'a forward of one’s own',
      () => new OwnResNet(device, { layers: 18 }),
      options,
      /holds a OwnResNet, and/,
    ],
    ['another shape', () => filter(4, 4), options, /3 channels/],
    [
      'no photographs',
      () => filter(4, 4),
      { inputShape: [4, 8, 8], preprocessing: fovea.PREPROCESSINGS.original },
      /leave out preprocessing/,
    ],
    [
      'a deviation of 0',
      () => filter(3, 4),
      { ...options, preprocessing: { order: 'rgb', normalization: { mean: [0, 0, 0], std: [1, 0, 1] } } },
      /must be positive/,
    ],
    ['a size of 0', () => filter(3, 4), { inputShape: [3, 0, 8] }, /inputShape of toOnnx is \[3, 0, 8\]/],
  ] as [string, () => fovea.Module, fovea.OnnxOptions, RegExp][])('%s', async (_, make, given, message) => {
    await expect(fovea.toOnnx(make(), given)).rejects.toThrow(message);
  });

  test('a weight that is NaN', async () => {
    const model = filter(3, 4);
    fovea.upload(model.weight.tensor, new Float32Array(model.weight.size).fill(Number.NaN));
    await expect(fovea.toOnnx(model, options)).rejects.toThrow(/weight holds NaN/);
  });
});
