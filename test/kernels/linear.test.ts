import { describe, expect, test } from 'vitest';
import {
  type LinearSize,
  linearBackwardBiasSequence,
  linearBackwardInputPlan,
  linearBackwardWeightPlan,
  linearPlan,
} from '../../src/kernels/linear.ts';
import type { Operand } from '../../src/kernels/padding.ts';
import { type NdArray, randomNormal, scaledMaxError, xorshift } from '../reference/array.ts';
import * as reference from '../reference/linear.ts';
import fc from '../support/fast-check.ts';
import { fromMemory, inMemory, unwritten } from '../support/operands.ts';
import { runKernel, runSequence } from '../support/run-kernel.ts';

const pack = (array: NdArray) => inMemory(array, 'row-major');
const matrix = (...shape: number[]): Operand => ({ shape, layout: 'row-major' });

/** Compares all passes with the reference. */
async function compare(size: LinearSize, seed: number) {
  const { rows, inFeatures, outFeatures } = size;
  const next = xorshift(seed);
  const x = randomNormal([rows, inFeatures], next);
  const weight = randomNormal([inFeatures, outFeatures], next);
  const bias = randomNormal([outFeatures], next);
  const dy = randomNormal([rows, outFeatures], next);
  const output = matrix(rows, outFeatures);

  const biased = await runKernel(linearPlan(size, { bias: true }), [
    pack(x),
    pack(weight),
    pack(bias),
    unwritten(output),
  ]);
  expect(scaledMaxError(fromMemory(biased[3], output), reference.linear(x, weight, bias))).toBeLessThan(1e-5);
  const plain = await runKernel(linearPlan(size, { bias: false }), [
    pack(x),
    pack(weight),
    unwritten(output),
  ]);
  expect(scaledMaxError(fromMemory(plain[2], output), reference.linear(x, weight))).toBeLessThan(1e-5);

  const { dx, dweight, dbias } = reference.linearBackward(x, weight, dy);
  const input = matrix(rows, inFeatures);
  const [, , inputGradient] = await runKernel(linearBackwardInputPlan(size), [
    pack(dy),
    pack(weight),
    unwritten(input),
  ]);
  expect(scaledMaxError(fromMemory(inputGradient, input), dx)).toBeLessThan(1e-5);

  const filter = matrix(inFeatures, outFeatures);
  const [, , weightGradient] = await runKernel(linearBackwardWeightPlan(size), [
    pack(x),
    pack(dy),
    unwritten(filter),
  ]);
  expect(scaledMaxError(fromMemory(weightGradient, filter), dweight)).toBeLessThan(1e-5);

  const { y: biasGradient } = await runSequence(linearBackwardBiasSequence(size), {
    x: pack(dy),
    y: unwritten(matrix(outFeatures)),
  });
  expect(scaledMaxError(fromMemory(biasGradient, matrix(outFeatures)), dbias)).toBeLessThan(1e-5);
}

test('random extents', async () => {
  const extent = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 10, max: 150 }));
  const size = fc.record({ rows: extent, inFeatures: extent, outFeatures: extent });
  await fc.assert(fc.asyncProperty(size, fc.nat(), compare), { numRuns: 6 });
});

describe('extents of note', () => {
  test.each<LinearSize>([
    { rows: 3, inFeatures: 2048, outFeatures: 1 },
    { rows: 5, inFeatures: 515, outFeatures: 131 },
    { rows: 2500, inFeatures: 7, outFeatures: 3 },
    { rows: 1, inFeatures: 1, outFeatures: 1 },
  ])('$rows rows, $inFeatures to $outFeatures', (size) => compare(size, 23));
});

test('nothing is written beyond the last row', async () => {
  const size = { rows: 5, inFeatures: 6, outFeatures: 7 };
  const longer = new Float32Array(70).fill(7e7);
  const [, , y] = await runKernel(linearPlan(size, { bias: false }), [
    new Float32Array(30).fill(1),
    new Float32Array(42).fill(1),
    longer,
  ]);
  expect(y.subarray(0, 35)).toEqual(new Float32Array(35).fill(6));
  expect(y.subarray(35)).toEqual(longer.subarray(35));
});
