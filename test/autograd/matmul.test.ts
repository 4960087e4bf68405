/** @file Tests of the product of matrices and of batches of them, against float64. */

import { beforeAll, expect, test } from 'vitest';
import { backward } from '../../src/autograd/backward.ts';
import { clearGrad, gradOf, requiresGrad } from '../../src/autograd/graph.ts';
import { matmul } from '../../src/autograd/ops.ts';
import type { Device } from '../../src/device/device.ts';
import { tensor, zeros } from '../../src/tensor/create.ts';
import { tensorStatistics } from '../../src/tensor/scope.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import {
  fromArray,
  type NdArray,
  randomNormal,
  relativeError,
  reshape,
  xorshift,
} from '../reference/array.ts';
import * as reference from '../reference/matmul.ts';
import { testDevice } from '../support/device.ts';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});

const leaf = ({ data, shape }: NdArray): Tensor =>
  requiresGrad(tensor(device, Float32Array.from(data), shape));
const read = async (x: Tensor): Promise<NdArray> => fromArray(x.shape, await x.data());

test.each<[string, number[], number[]]>([
  ['matrices', [3, 5], [5, 2]],
  ['one element', [1, 1], [1, 1]],
  ['large matrices', [33, 36], [36, 40]],
  ['a batch times one matrix', [4, 3, 5], [5, 2]],
  ['a batch of four axes times one matrix', [2, 3, 4, 5], [1, 5, 6]],
  ['one matrix times a batch', [3, 5], [4, 5, 2]],
  ['batches', [6, 3, 5], [6, 5, 7]],
  ['heads of attention', [2, 3, 9, 8], [2, 3, 8, 9]],
  ['broadcast heads', [2, 1, 4, 5], [2, 3, 5, 6]],
  ['broadcast batch', [2, 3, 4, 5], [3, 5, 6]],
  ['broadcast by turns', [2, 1, 4, 5], [3, 5, 2]],
  ['five axes', [2, 3, 2, 3, 4], [2, 3, 2, 4, 3]],
  ['long sums, many columns', [2, 5, 300], [2, 300, 130]],
  ['batches of single elements', [70, 1, 1], [70, 1, 1]],
])('%s', async (_, aShape, bShape) => {
  const next = xorshift(aShape.length * 7 + bShape.length);
  const [a, b] = [randomNormal(aShape, next), randomNormal(bShape, next)];
  const [aLeaf, bLeaf] = [leaf(a), leaf(b)];
  const c = matmul(aLeaf, bLeaf);
  expect(relativeError(await read(c), reference.matmul(a, b))).toBeLessThan(1e-6);
  const dc = randomNormal(c.shape, next);
  backward(c, tensor(device, Float32Array.from(dc.data), c.shape, { layout: c.layout }));
  const { da, db } = reference.matmulBackward(a, b, dc);
  expect(relativeError(await read(gradOf(aLeaf)!), da)).toBeLessThan(1e-6);
  expect(relativeError(await read(gradOf(bLeaf)!), db)).toBeLessThan(1e-6);
});

test.each<[string, number[], number[], number[]]>([
  ['two vectors', [5], [5], [1]],
  ['a vector and a matrix', [5], [5, 2], [2]],
  ['a matrix and a vector', [3, 5], [5], [3]],
  ['a batch and a vector', [2, 3, 5], [5], [2, 3]],
  ['a vector and a batch', [5], [2, 5, 3], [2, 3]],
])('%s', async (_, aShape, bShape, cShape) => {
  const next = xorshift(cShape.length);
  const [a, b] = [randomNormal(aShape, next), randomNormal(bShape, next)];
  const c = matmul(leaf(a), leaf(b));
  const rows = aShape.length === 1 ? reshape(a, [1, ...aShape]) : a;
  const columns = bShape.length === 1 ? reshape(b, [...bShape, 1]) : b;
  expect(c.shape).toEqual(cShape);
  expect(relativeError(await read(c), reshape(reference.matmul(rows, columns), cShape))).toBeLessThan(1e-6);
});

test('NaN reaches its row and column, and no other matrix', async () => {
  const a = tensor(device, Float32Array.of(1, Number.NaN, 1, 1), [2, 2, 1]);
  const c = matmul(a, tensor(device, Float32Array.of(1, 1, 1, 1), [2, 1, 2]));
  expect([...(await c.data())]).toEqual([1, 1, Number.NaN, Number.NaN, 1, 1, 1, 1]);
});

test('nothing is left behind without a scope but the product', () => {
  const before = tensorStatistics(device).tensors;
  for (const [aShape, bShape] of [
    [
      [2, 3, 4, 5],
      [3, 5, 2],
    ],
    [[2, 5], [5]],
  ] as const) {
    const [a, b] = [requiresGrad(zeros(device, aShape)), requiresGrad(zeros(device, bShape))];
    const c = matmul(a, b);
    const dc = zeros(device, c.shape, { layout: c.layout });
    backward(c, dc);
    for (const made of [c, dc]) made.dispose();
    for (const made of [a, b]) {
      clearGrad(made);
      made.dispose();
    }
  }
  expect(tensorStatistics(device).tensors).toBe(before);
});

test('what is refused', () => {
  expect(() => matmul(zeros(device, [2, 3]), zeros(device, [2, 3]))).toThrow(/got \[2, 3\] and \[2, 3\]/);
  expect(() => matmul(zeros(device, [2, 2, 3]), zeros(device, [3, 3, 2]))).toThrow(/do not broadcast/);
  expect(() => matmul(zeros(device, [2, 1, 2, 2, 3]), zeros(device, [2, 2, 3, 2]))).toThrow(
    /broadcast along more than two axes by turns/,
  );
});
