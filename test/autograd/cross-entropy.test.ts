/** @file Tests of the cross entropy as an op, against float64. */

import { beforeAll, describe, expect, test } from 'vitest';
import { backward } from '../../src/autograd/backward.ts';
import { clearGrad, gradOf, requiresGrad } from '../../src/autograd/graph.ts';
import { crossEntropy, softmax } from '../../src/autograd/ops.ts';
import type { Device } from '../../src/device/device.ts';
import type { Layout } from '../../src/shape/layout.ts';
import { tensor, zeros } from '../../src/tensor/create.ts';
import { scope, tensorStatistics } from '../../src/tensor/scope.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import {
  fromArray,
  map,
  type NdArray,
  randomNormal,
  randomUniform,
  relativeError,
  xorshift,
  zeros as zeroArray,
} from '../reference/array.ts';
import * as reference from '../reference/cross-entropy.ts';
import { openTestDevice, testDevice } from '../support/device.ts';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});

const onDevice = ({ data, shape }: NdArray, layout?: Layout): Tensor =>
  tensor(device, Float32Array.from(data), shape, layout ? { layout } : {});
const indexesOnDevice = ({ data, shape }: NdArray): Tensor<'i32'> =>
  tensor(device, Int32Array.from(data), shape);

const SHAPES: [name: string, shape: number[], layout?: Layout][] = [
  ['rows', [5, 3]],
  ['long rows', [3, 130]],
  ['one row', [1, 2]],
  ['images', [2, 5, 3, 2]],
  ['images, row-major', [2, 5, 3, 2], 'row-major'],
  ['images, as a filter', [2, 5, 3, 2], 'filter'],
  ['one pixel', [3, 1, 1, 1]],
];

describe.each(SHAPES)('%s', (_, shape, layout) => {
  const classes = shape[1]!;
  const places = shape.toSpliced(1, 1);
  const next = xorshift(classes);
  const x = map(randomNormal(shape, next), (value) => Math.fround(4 * value));
  const indexes = map(zeroArray(places), (_, i) => (i === 1 ? -100 : Math.floor(next() * classes)));
  const probabilities = randomUniform(shape, next, 0, 2 / classes);
  const classWeights = randomUniform([classes], next, 0.5, 2);

  test.each([
    { target: indexes },
    { target: indexes, weighted: true, labelSmoothing: 0.1 },
    { target: indexes, weighted: true, reduction: 'none' },
    { target: indexes, ignoreIndex: 0, reduction: 'sum' },
    { target: probabilities },
    { target: probabilities, weighted: true, labelSmoothing: 0.1, reduction: 'none' },
  ] as const)('$target.shape weighted $weighted, $labelSmoothing, $reduction', async (options) => {
    const { target, ...given } = { ...options };
    const { weighted = false, ...rest } = given as { weighted?: boolean };
    const exact = { ...rest, ...(weighted && { classWeights }) };
    const expected = reference.crossEntropy(x, target, exact);
    if (Number.isNaN(expected.data[0])) return; // all are ignored
    const dy = randomNormal(expected.shape, next);
    const logits = requiresGrad(onDevice(x, layout));
    const loss = crossEntropy(
      logits,
      target === indexes ? indexesOnDevice(target) : onDevice(target, layout),
      { ...rest, ...(weighted && { classWeights: onDevice(classWeights) }) },
    );
    expect(relativeError(fromArray(loss.shape, await loss.data()), expected)).toBeLessThan(1e-6);
    backward(loss, onDevice(dy, loss.layout));
    const dx = fromArray(shape, await gradOf(logits)!.data());
    const exactDx = reference.crossEntropyBackward(x, target, dy, exact);
    const error = map(dx, (value, i) => Math.abs(value - exactDx.data[i]!));
    expect(Math.max(...error.data)).toBeLessThan(2e-6 * Math.max(1, ...dy.data.map(Math.abs)));
  });
});

const rows = () =>
  requiresGrad(
    tensor(device, [
      [1, 2, 3],
      [3, 2, 1],
    ]),
  );

describe('targets that are no classes', () => {
  test.each([3, -1, 2 ** 31 - 1, -(2 ** 31)])('%i makes its row NaN, and no other', async (wrong) => {
    const logits = rows();
    const target = tensor(device, Int32Array.of(wrong, 0));
    const losses = crossEntropy(logits, target, { reduction: 'none' });
    const values = [...(await losses.data())];
    expect(values.map(Number.isNaN)).toEqual([true, false]);
    backward(losses, tensor(device, [1, 1]));
    const gradient = [...(await gradOf(logits)!.data())];
    expect(gradient.map(Number.isNaN)).toEqual([true, true, true, false, false, false]);
    expect(await crossEntropy(rows(), target).item()).toBeNaN();
  });

  test('are named where the device is checked', async () => {
    const checked = await openTestDevice({ checked: true });
    const loss = crossEntropy(zeros(checked, [2, 3]), tensor(checked, Int32Array.of(-100, 7)));
    await expect(loss.item()).rejects.toThrow(
      /crossEntropy: target 1 is 7: it must be a class from 0 to 2, or ignoreIndex, -100/,
    );
    checked.destroy();
  });
});

test('of nothing the mean is NaN, the sum 0, the gradient 0', async () => {
  const logits = rows();
  const target = tensor(device, Int32Array.of(-100, -100));
  expect(await crossEntropy(logits, target).item()).toBeNaN();
  const sum = crossEntropy(logits, target, { reduction: 'sum' });
  backward(sum);
  expect([await sum.item(), ...(await gradOf(logits)!.data())]).toEqual([0, 0, 0, 0, 0, 0, 0]);
});

test('logits that are not finite', async () => {
  const [nan, inf] = [Number.NaN, Number.POSITIVE_INFINITY];
  const logits = tensor(device, [
    [1, nan, 0],
    [inf, 0, 0],
    [-inf, 0, 0],
    [0, -inf, 0],
    [1e4, -1e4, 0],
  ]);
  const target = tensor(device, Int32Array.of(0, 1, 1, 1, 1));
  const losses = await crossEntropy(logits, target, { reduction: 'none' }).data();
  expect([...losses]).toEqual([nan, nan, Math.fround(Math.LN2), inf, 2e4]);
});

test('a small loss keeps its precision', async () => {
  const logits = tensor(device, [[0, -12]]);
  const loss = await crossEntropy(logits, tensor(device, Int32Array.of(0))).item();
  expect(loss / Math.log1p(Math.exp(-12))).toBeCloseTo(1, 1);
});

test('a batch beyond what the adapter can bind runs in parts', async () => {
  const small = await openTestDevice({ bindingLimit: 2 ** 16 });
  const values = Float32Array.from({ length: 12 * 8 * 16 * 16 }, (_, i) => Math.sin(i));
  const classes = Int32Array.from({ length: 12 * 16 * 16 }, (_, i) => i % 8);
  const found: number[][] = [];
  for (const on of [device, small]) {
    const logits = requiresGrad(tensor(on, values, [12, 8, 16, 16]));
    const loss = crossEntropy(softmax(logits, { axis: 1 }), tensor(on, classes, [12, 16, 16]));
    backward(loss);
    found.push([await loss.item(), ...(await gradOf(logits)!.data())]);
  }
  expect(found[1]).toEqual(found[0]);
  small.destroy();
});

test('nothing is left behind in a scope', () => {
  const before = tensorStatistics(device).tensors;
  scope(device, () => {
    const logits = requiresGrad(zeros(device, [2, 3]));
    backward(crossEntropy(logits, tensor(device, Int32Array.of(1, 2))));
    clearGrad(logits);
  });
  expect(tensorStatistics(device).tensors).toBe(before);
});

test('the padding of the gradient is zero', async () => {
  const logits = requiresGrad(zeros(device, [1, 3, 1, 1]));
  backward(crossEntropy(logits, tensor(device, Int32Array.of(0), [1, 1, 1])));
  const [memory] = await device.read([gradOf(logits)!.slice]);
  expect(new Float32Array(memory!, 0, 4)[3]).toBe(0);
});

test('what is refused', () => {
  const logits = zeros(device, [2, 3]);
  const target = tensor(device, Int32Array.of(1, 2));
  expect(() => crossEntropy(zeros(device, [3]), target)).toThrow(/takes logits \[N, C, …\], got \[3\]/);
  expect(() => crossEntropy(logits, zeros(device, [2]))).toThrow(/probabilities, must be \[2, 3\]/);
  expect(() => crossEntropy(logits, tensor(device, Int32Array.of(1)))).toThrow(
    /class indexes, must be \[2\]/,
  );
  expect(() => crossEntropy(logits, zeros(device, [2, 3]), { ignoreIndex: 1 })).toThrow(/leave it out/);
  expect(() => crossEntropy(logits, target, { classWeights: zeros(device, [2]) })).toThrow(
    /class weights must be \[3\]/,
  );
});
