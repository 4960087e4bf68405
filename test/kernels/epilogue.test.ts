import { describe, expect, test } from 'vitest';
import type { Algorithm } from '../../src/kernels/conv2d/algorithm.ts';
import { ALL_ALGORITHMS } from '../../src/kernels/conv2d/all-algorithms.ts';
import { type Conv2dGeometry, conv2dGeometry, conv2dOutputShape } from '../../src/shape/conv2d.ts';
import { type Layout, memorySize, pack, unpack } from '../../src/shape/layout.ts';
import { roundUp, type Shape } from '../../src/shape/shape.ts';
import { convolve } from '../../src/tensor/convolve.ts';
import { empty } from '../../src/tensor/create.ts';
import { scope } from '../../src/tensor/scope.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { fromArray, map, type NdArray, randomNormal, relativeError, xorshift } from '../reference/array.ts';
import * as reference from '../reference/conv2d.ts';
import { awkwardConvolutions } from '../support/conv2d-cases.ts';
import { testDevice } from '../support/device.ts';

const device = await testDevice();

/** Convolutions with channels that are no multiple of four, and a border; the last is for kernels that nothing else needs. */
const GEOMETRIES = ['groups that share vec4s', 'depthwise, stride 1', 'channels no multiple of 4'].map(
  (name) => {
    const { input, weight, options } = awkwardConvolutions[name]!;
    return conv2dGeometry(input, weight, options);
  },
);

/** Every algorithm that runs here, of the tiles but the smallest size: lavapipe compiles a large one for 3 s. */
const FORWARD = ALL_ALGORITHMS.filter(
  ({ name }) => !name.startsWith('tiled') || name === 'tiled 32×32/4×4',
).flatMap((algorithm) => {
  const g = GEOMETRIES.find((candidate) => algorithm.supports('forward', candidate, device.target));
  return g ? [{ name: algorithm.name, algorithm, g }] : [];
});

/** What a convolution and its epilogue take. */
interface Operands {
  readonly x: NdArray;
  readonly w: NdArray;
  readonly bias?: NdArray;
  readonly scale?: NdArray;
  readonly shift?: NdArray;
  readonly residual?: NdArray;
}

/** Memory as it is given, its shape row-major. */
function upload(memory: Float32Array<ArrayBuffer>, shape: Shape, layout: Layout): Tensor {
  const result = empty(device, shape, { layout });
  device.upload(result.slice, memory);
  return result;
}

const asImage = ({ shape, data }: NdArray, layout: Layout): Tensor =>
  upload(pack(Float32Array.from(data), shape, layout), shape, layout);

/** A vector whose tail is NaN. */
function asVector({ data }: NdArray): Tensor {
  const memory = new Float32Array(roundUp(data.length, 4)).fill(Number.NaN);
  memory.set(data);
  return upload(memory.subarray(0, memory.length), [memory.length], 'row-major');
}

/** The buffer of statistics, of which an epilogue reads scale and shift. */
function asStatistics(scale: NdArray, shift: NdArray): Tensor {
  const row = roundUp(scale.data.length, 4);
  const memory = new Float32Array(4 * row);
  memory.set(scale.data, 2 * row);
  memory.set(shift.data, 3 * row);
  return upload(memory, [4 * row], 'row-major');
}

/** y, whose padding must be zero. */
async function run(
  g: Conv2dGeometry,
  { x, w, bias, scale, shift, residual }: Operands,
  relu: boolean,
  algorithm: Algorithm,
): Promise<NdArray> {
  const shape = conv2dOutputShape(g);
  const garbage = new Float32Array(memorySize(shape, 'channels-last')).fill(1e30);
  const y = upload(garbage, shape, 'channels-last');
  scope(device, () => {
    const epilogue = {
      bias: bias && asVector(bias),
      statistics: scale && shift && asStatistics(scale, shift),
      residual: residual && asImage(residual, 'channels-last'),
    };
    convolve(g, asImage(x, 'channels-last'), asImage(w, 'filter'), y, epilogue, relu, algorithm);
  });
  const [bytes] = await device.read([y.slice]);
  y.dispose();
  const memory = new Float32Array(bytes!, 0, garbage.length);
  const logical = unpack(memory, shape, 'channels-last');
  expect(pack(logical, shape, 'channels-last')).toEqual(memory);
  return fromArray(shape, logical);
}

const channelOf = (g: Conv2dGeometry, i: number) =>
  Math.floor(i / (g.outHeight * g.outWidth)) % g.outChannels;

function expected(g: Conv2dGeometry, { x, w, bias, scale, shift, residual }: Operands, relu: boolean) {
  const options = {
    stride: [g.strideY, g.strideX] as const,
    padding: [1, 1, 1, 1] as const,
    dilation: [1, 1] as const,
    groups: g.groups,
  };
  return map(reference.conv2d(x, w, options, bias), (sum, i) => {
    const channel = channelOf(g, i);
    const normalized = scale && shift ? sum * scale.data[channel]! + shift.data[channel]! : sum;
    const value = normalized + (residual ? residual.data[i]! : 0);
    return relu && value < 0 ? 0 : value;
  });
}

function draw(g: Conv2dGeometry, { norm = false, residual = false, bias = false }): Operands {
  const next = xorshift(g.outChannels);
  const channels = [g.outChannels];
  return {
    x: randomNormal([g.batch, g.inChannels, g.inHeight, g.inWidth], next),
    w: randomNormal([g.outChannels, g.inChannels / g.groups, g.kernelHeight, g.kernelWidth], next),
    ...(bias && { bias: randomNormal(channels, next) }),
    ...(norm && { scale: randomNormal(channels, next), shift: randomNormal(channels, next) }),
    ...(residual && { residual: randomNormal(conv2dOutputShape(g), next) }),
  };
}

const ALL = { bias: true, norm: true, residual: true, relu: true };
const STEPS = [ALL, { norm: true }, { residual: true }, { relu: true }];

describe.each(FORWARD)('the $name kernels', ({ name, algorithm, g }) => {
  const steps: readonly Partial<typeof ALL>[] = name.startsWith('tiled') ? [ALL] : STEPS;

  test.each(steps)('finish a sum by %o', async (epilogue) => {
    const { relu = false, ...wanted } = epilogue;
    const operands = draw(g, wanted);
    const y = await run(g, operands, relu, algorithm);
    expect(relativeError(y, expected(g, operands, relu))).toBeLessThan(5e-6);
  });

  test('hand NaN on through relu, and turn −0 into 0', async () => {
    const values = [-0, Number.NaN, 3, -3, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    const { x, w } = draw(g, {});
    const shape = conv2dOutputShape(g);
    const fill = (value: number) =>
      map(fromArray([g.outChannels], new Array(g.outChannels).fill(0)), () => value);
    const residual = map(randomNormal(shape, xorshift(1)), (_, i) => values[i % values.length]!);
    const operands = { x, w: map(w, () => 0), bias: fill(0), scale: fill(-1), shift: fill(-0), residual };
    const y = await run(g, operands, true, algorithm);
    // 0 · −1 − 0 is −0: what is left is the residual.
    const wanted = [0, Number.NaN, 3, 0, Number.POSITIVE_INFINITY, 0];
    expect([...y.data]).toEqual([...y.data].map((_, i) => wanted[i % wanted.length]));
  });
});
