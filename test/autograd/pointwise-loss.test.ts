/** @file Tests of the losses of two tensors of one shape, against float64. */

import { beforeAll, describe, expect, test } from 'vitest';
import { backward } from '../../src/autograd/backward.ts';
import { clearGrad, gradOf, requiresGrad } from '../../src/autograd/graph.ts';
import { dice, l1, mse, sigmoidCrossEntropyWithLogits, smoothL1 } from '../../src/autograd/ops.ts';
import type { Device } from '../../src/device/device.ts';
import type { Layout } from '../../src/shape/layout.ts';
import { tensor, zeros } from '../../src/tensor/create.ts';
import { tensorStatistics } from '../../src/tensor/scope.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { fromArray, map, type NdArray, randomUniform, relativeError, xorshift } from '../reference/array.ts';
import { sigmoidCrossEntropy, sigmoidCrossEntropyBackward } from '../reference/loss.ts';
import * as reference from '../reference/pointwise-loss.ts';
import { testDevice } from '../support/device.ts';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});

const onDevice = ({ data, shape }: NdArray, layout?: Layout): Tensor =>
  tensor(device, Float32Array.from(data), shape, layout ? { layout } : {});
const read = async (x: Tensor): Promise<NdArray> => fromArray(x.shape, await x.data());

const SHAPES: [number[], Layout | undefined][] = [
  [[7], undefined],
  [[2, 5, 3, 2], undefined],
  [[2, 5, 3, 2], 'row-major'],
];
const LOSSES = [
  { name: 'mse', exact: reference.mse, op: mse },
  { name: 'l1', exact: reference.l1, op: l1 },
  { name: 'smoothL1', exact: reference.smoothL1(1), op: smoothL1 },
  {
    name: 'smoothL1, beta 0.3',
    exact: reference.smoothL1(0.3),
    op: (x: Tensor, z: Tensor, options: object) => smoothL1(x, z, { ...options, beta: 0.3 }),
  },
] as const;

describe.each(LOSSES)('$name', ({ exact, op }) => {
  test.each(SHAPES)('agrees with float64 on %o, %s', async (shape, layout) => {
    const next = xorshift(shape.length);
    const [x, z, dy] = [1, 2, 3].map(() => randomUniform(shape, next, -2, 2)) as [NdArray, NdArray, NdArray];
    const [prediction, target] = [requiresGrad(onDevice(x, layout)), requiresGrad(onDevice(z, layout))];
    const losses = op(prediction, target, { reduction: 'none' });
    const expected = reference.pointwiseLoss(exact, x, z);
    expect(relativeError(await read(losses), expected)).toBeLessThan(1e-6);
    backward(losses, onDevice(dy, layout));
    const { dx, dz } = reference.pointwiseLossBackward(exact, x, z, dy);
    expect(relativeError(await read(gradOf(prediction)!), dx)).toBeLessThan(1e-6);
    expect(relativeError(await read(gradOf(target)!), dz)).toBeLessThan(1e-6);
    const sum = expected.data.reduce((all, value) => all + value, 0);
    const reduced = [op(prediction, target, { reduction: 'sum' }), op(prediction, target, {})];
    expect((await reduced[0]!.item()) / sum).toBeCloseTo(1, 5);
    expect(((await reduced[1]!.item()) * x.data.length) / sum).toBeCloseTo(1, 5);
  });

  test('NaN stays, an error of 0 has no gradient', async () => {
    const prediction = requiresGrad(tensor(device, [Number.NaN, 1, 2]));
    const losses = op(prediction, tensor(device, [0, 1, 2]), { reduction: 'none' });
    backward(losses, tensor(device, [1, 1, 1]));
    expect([...(await losses.data())]).toEqual([Number.NaN, 0, 0]);
    expect([...(await gradOf(prediction)!.data())]).toEqual([Number.NaN, 0, 0]);
  });
});

test.each([
  [[2, 5, 3, 2], undefined],
  [[3, 1, 70, 60], undefined],
  [[2, 3, 4], undefined],
] as [number[], undefined][])('dice agrees with float64 on %o', async (shape) => {
  const next = xorshift(3);
  const p = randomUniform(shape, next, 0, 1);
  const t = map(randomUniform(shape, next, 0, 1), Math.round);
  const [probabilities, target] = [requiresGrad(onDevice(p)), requiresGrad(onDevice(t))];
  const losses = dice(probabilities, target, { smooth: 0.5, reduction: 'none' });
  const dy = randomUniform(shape.slice(0, 2), next);
  expect(relativeError(await read(losses), reference.dice(p, t, 0.5))).toBeLessThan(1e-6);
  backward(losses, onDevice(dy));
  expect(
    relativeError(await read(gradOf(probabilities)!), reference.diceBackward(p, t, dy, 0.5)),
  ).toBeLessThan(1e-6);
  expect(relativeError(await read(gradOf(target)!), reference.diceBackward(t, p, dy, 0.5))).toBeLessThan(
    1e-6,
  );
});

test('of nothing the Dice loss is 0', async () => {
  expect(await dice(zeros(device, [2, 3, 2, 2]), zeros(device, [2, 3, 2, 2])).item()).toBe(0);
});

test('the weight of positive labels', async () => {
  const next = xorshift(9);
  const x = randomUniform([2, 5, 3, 2], next, -8, 8);
  const z = map(randomUniform(x.shape, next, 0, 1), (value, i) => (i === 7 ? -100 : Math.fround(value)));
  const dy = randomUniform(x.shape, next);
  const options = { positiveWeight: 3, normalize: true };
  const logits = requiresGrad(onDevice(x));
  const losses = sigmoidCrossEntropyWithLogits(logits, onDevice(z), options);
  expect(relativeError(await read(losses), sigmoidCrossEntropy(x, z, options))).toBeLessThan(1e-6);
  backward(losses, onDevice(dy));
  const expected = sigmoidCrossEntropyBackward(x, z, dy, options);
  expect(relativeError(await read(gradOf(logits)!), expected)).toBeLessThan(1e-6);
});

test('nothing is left behind without a scope but the loss', async () => {
  const before = tensorStatistics(device).tensors;
  const x = requiresGrad(zeros(device, [2, 3, 2, 2]));
  const target = zeros(device, [2, 3, 2, 2]);
  for (const op of [mse, l1, smoothL1, dice]) {
    const loss = op(x, target);
    backward(loss);
    loss.dispose();
    clearGrad(x);
  }
  for (const made of [x, target]) made.dispose();
  expect(tensorStatistics(device).tensors).toBe(before);
});

test('what is refused', () => {
  expect(() => mse(zeros(device, [2, 3]), zeros(device, [3]))).toThrow(
    /mse: the target must be \[2, 3\], it is \[3\]/,
  );
  expect(() => dice(zeros(device, [2, 3]), zeros(device, [2, 3]))).toThrow(/\[N, C, …\] with axes of pixels/);
  expect(() => smoothL1(zeros(device, [2]), zeros(device, [2]), { beta: -1 })).toThrow(
    /beta of smoothL1 is -1/,
  );
});
