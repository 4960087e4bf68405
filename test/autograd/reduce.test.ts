/** @file Tests of reductions as ops: shapes, what is not finite, what is refused. */

import { beforeAll, describe, expect, test } from 'vitest';
import { backward } from '../../src/autograd/backward.ts';
import { gradOf, requiresGrad } from '../../src/autograd/graph.ts';
import { argMax, logSumExp, max, min, sum, variance } from '../../src/autograd/ops.ts';
import type { Device } from '../../src/device/device.ts';
import { tensor, zeros } from '../../src/tensor/create.ts';
import { testDevice } from '../support/device.ts';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});

const rows = () =>
  tensor(device, [
    [1, 5, 5],
    [4, 2, 0],
  ]);
const [NAN, INFINITY] = [Number.NaN, Number.POSITIVE_INFINITY];

test('shapes, with axes kept and without', async () => {
  const x = zeros(device, [2, 3, 4, 5]);
  expect(max(x).shape).toEqual([1]);
  expect(min(x, { axes: [-1, 0] }).shape).toEqual([3, 4]);
  expect(logSumExp(x, { axes: [2], keepDims: true }).shape).toEqual([2, 3, 1, 5]);
  expect(argMax(x, { axis: 1, keepDims: true })).toMatchObject({ shape: [2, 1, 4, 5], dtype: 'i32' });
  expect(argMax(x, { axis: -1 }).shape).toEqual([2, 3, 4]);
  expect(argMax(x).shape).toEqual([1]);
});

test('values by hand', async () => {
  expect([...(await max(rows(), { axes: [1] }).data())]).toEqual([5, 4]);
  expect([...(await min(rows()).data())]).toEqual([0]);
  expect([...(await argMax(rows(), { axis: 1 }).data())]).toEqual([1, 0]);
  expect([...(await argMax(rows(), { axis: 0 }).data())]).toEqual([1, 0, 0]);
  expect([...(await variance(rows(), { axes: [0] }).data())]).toEqual([4.5, 4.5, 12.5]);
  expect([...(await variance(rows(), { axes: [0], unbiased: false }).data())]).toEqual([2.25, 2.25, 6.25]);
});

test('the place among all elements is that in row-major order', async () => {
  const x = tensor(
    device,
    Float32Array.from({ length: 24 }, (_, i) => (i === 13 ? 9 : -1)),
    [1, 6, 2, 2],
  );
  expect(await argMax(x).item()).toBe(13);
});

test('elements that are equally great share the gradient', async () => {
  const x = requiresGrad(rows());
  backward(sum(max(x, { axes: [1] })));
  expect([...(await gradOf(x)!.data())]).toEqual([0, 0.5, 0.5, 1, 0, 0]);
});

test('a variance keeps its precision where the mean is large', async () => {
  const x = tensor(
    device,
    Float32Array.from({ length: 5000 }, (_, i) => 1e5 + (i % 2)),
  );
  expect(await variance(x, { unbiased: false }).item()).toBeCloseTo(0.25, 3);
});

describe('what is not finite', () => {
  test.each([
    [[1, NAN, 3], NAN, NAN, NAN, 1],
    [[NAN, -INFINITY, NAN], NAN, NAN, NAN, 0],
    [[1, INFINITY, 3], INFINITY, 1, INFINITY, 1],
    [[-INFINITY, -INFINITY], -INFINITY, -INFINITY, -INFINITY, 0],
    [[-INFINITY, 2], 2, -INFINITY, 2, 1],
    [[1000, 1000], 1000, 1000, Math.fround(1000 + Math.LN2), 0],
    [[-1000, -1000], -1000, -1000, Math.fround(-1000 + Math.LN2), 0],
  ])('%o', async (values, greatest, least, log, place) => {
    const x = tensor(device, values);
    const found = [max(x), min(x), logSumExp(x), argMax(x)].map((y) => y.item());
    expect(await Promise.all(found)).toEqual([greatest, least, log, place]);
  });

  test('its gradients', async () => {
    const gradient = async (values: number[], op: typeof max) => {
      const x = requiresGrad(tensor(device, values));
      backward(op(x));
      return [...(await gradOf(x)!.data())];
    };
    expect(await gradient([1, NAN, 3], max)).toEqual([NAN, NAN, NAN]);
    expect(await gradient([-INFINITY, -INFINITY], max)).toEqual([0.5, 0.5]);
    expect(await gradient([1, INFINITY], logSumExp)).toEqual([0, NAN]);
    expect(await gradient([1, NAN], logSumExp)).toEqual([NAN, NAN]);
    expect(await gradient([1, NAN], variance)).toEqual([NAN, NAN]);
  });
});

test('what there is no variance of, and axes that there are not', () => {
  expect(() => variance(zeros(device, [2, 1]), { axes: [1] })).toThrow(
    /pass { unbiased: false } or more axes/,
  );
  expect(() => max(zeros(device, [2, 1]), { axes: [0, -2] })).toThrow(/max: the axes .* name one twice/);
  expect(() => argMax(zeros(device, [2, 1]), { axis: 2 })).toThrow(/axis 2 is outside a tensor of rank 2/);
});
