import { expect, test } from 'vitest';
import { backward } from '../../src/autograd/backward.ts';
import { gradCheck } from '../../src/autograd/grad-check.ts';
import { gradOf, requiresGrad } from '../../src/autograd/graph.ts';
import { linear, multiply, permute, sum } from '../../src/autograd/ops.ts';
import { tensor } from '../../src/tensor/create.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { fromArray, type NdArray, randomNormal, scaledMaxError, xorshift } from '../reference/array.ts';
import * as reference from '../reference/linear.ts';
import { testDevice } from '../support/device.ts';

const device = await testDevice();

const upload = ({ shape, data }: NdArray) => requiresGrad(tensor(device, Float32Array.from(data), shape));
const download = async (result: Tensor) => fromArray(result.shape, (await result.data()) as Float32Array);

// By the kernels of convolutions, and just not.
test.each([
  [40, 132, 36],
  [40, 130, 36],
  [31, 132, 36],
])('%i rows, %i to %i: output and gradients agree with float64', async (rows, inFeatures, outFeatures) => {
  const next = xorshift(rows + inFeatures);
  const x = randomNormal([rows, inFeatures], next);
  const weight = randomNormal([inFeatures, outFeatures], next);
  const bias = randomNormal([outFeatures], next);
  const dy = randomNormal([rows, outFeatures], next);
  const inputs = [x, weight, bias].map(upload) as [Tensor, Tensor, Tensor];
  const y = linear(...inputs);
  expect(scaledMaxError(await download(y), reference.linear(x, weight, bias))).toBeLessThan(1e-5);
  backward(sum(multiply(y, tensor(device, Float32Array.from(dy.data), dy.shape))));
  const { dx, dweight, dbias } = reference.linearBackward(x, weight, dy);
  for (const [i, expected] of [dx, dweight, dbias].entries()) {
    expect(scaledMaxError(await download(gradOf(inputs[i]!)!), expected)).toBeLessThan(1e-5);
  }
});

test('of a tensor of any rank the last axis counts, and nothing is copied between a map and its pixels', async () => {
  const next = xorshift(5);
  const x = randomNormal([2, 8, 3, 5], next);
  const weight = randomNormal([8, 12], next);
  const [map, w] = [upload(x), upload(weight)];
  const run = () => permute(linear(permute(map, [0, 2, 3, 1]), w), [0, 3, 1, 2]);
  const before = device.statistics.dispatches;
  const y = run();
  expect(device.statistics.dispatches - before).toBe(1);
  expect(y.shape).toEqual([2, 12, 3, 5]);
  const pixels = await permute(map, [0, 2, 3, 1]).data();
  const rows = reference.linear(fromArray([30, 8], pixels), weight);
  const expected = await permute(
    tensor(device, Float32Array.from(rows.data), [2, 3, 5, 12]),
    [0, 3, 1, 2],
  ).data();
  expect(scaledMaxError(await download(y), fromArray(y.shape, expected))).toBeLessThan(1e-5);
  expect((await linear(tensor(device, [1, 2, 3, 4, 5, 6, 7, 8]), w).data()).length).toBe(12);
  const { ok } = await gradCheck(run, [map, w]);
  expect(ok).toBe(true);
});
