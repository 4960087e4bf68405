import { expect, test } from 'vitest';
import { backward } from '../../src/autograd/backward.ts';
import { gradOf, requiresGrad } from '../../src/autograd/graph.ts';
import { linear, multiply, sum } from '../../src/autograd/ops.ts';
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
