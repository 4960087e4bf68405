import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ElementwiseOp, elementwisePlan } from '../../src/kernels/elementwise.ts';
import type { Operand } from '../../src/kernels/padding.ts';
import { map, maxAbsDifference, type NdArray, randomUniform, xorshift } from '../reference/array.ts';
import * as reference from '../reference/elementwise.ts';
import { arbitraryOperand, fromMemory, inMemory, PADDED_OPERANDS, unwritten } from '../support/operands.ts';
import { runKernel } from '../support/run-kernel.ts';

const SCALE = -1.5;
const SHIFT = 0.75;

/** What each op makes of its inputs, and of the result as it was before where it reads that. */
const expected: Record<ElementwiseOp, (...inputs: NdArray[]) => NdArray> = {
  copy: (x) => x!,
  fill: (before) => map(before!, () => SHIFT),
  negate: (x) => map(x!, (value) => -value),
  affine: (x) => map(x!, (value) => SCALE * value + SHIFT),
  relu: (x) => reference.relu(x!),
  sigmoid: (x) => reference.sigmoid(x!),
  add: (a, b) => reference.add(a!, b!),
  subtract: (a, b) => map(a!, (value, i) => value - b!.data[i]!),
  multiply: (a, b) => reference.multiply(a!, b!),
  accumulate: (x, before) => reference.add(before!, x!),
  reluBackward: (y, dy) => reference.reluBackward(y!, dy!),
  sigmoidBackward: (y, dy) => map(dy!, (value, i) => value * y!.data[i]! * (1 - y!.data[i]!)),
};
const IN_PLACE: readonly ElementwiseOp[] = ['accumulate', 'fill'];

/** Runs an op on arrays, the last of which is the result as it was before where the op reads that. */
async function run(op: ElementwiseOp, operand: Operand, inputs: NdArray[]): Promise<NdArray> {
  const buffers = inputs.map((array) => inMemory(array, operand.layout));
  if (!IN_PLACE.includes(op)) buffers.push(unwritten(operand));
  const results = await runKernel(elementwisePlan(op, operand, { scale: SCALE, shift: SHIFT }), buffers);
  return fromMemory(results.at(-1)!, operand);
}

describe.each(Object.entries(expected))('%s', (name, reference) => {
  const op = name as ElementwiseOp;
  const arrays = elementwisePlan(op, { shape: [1], layout: 'row-major' }).access.length;
  const inputs = IN_PLACE.includes(op) ? arrays : arrays - 1;

  test('agrees with float64 on any shape and layout, and keeps padding zero', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryOperand, fc.nat(), async (operand, seed) => {
        const next = xorshift(seed);
        const sources = Array.from({ length: inputs }, () => randomUniform(operand.shape, next, -2, 2));
        const actual = await run(op, operand, sources);
        expect(maxAbsDifference(actual, reference(...sources))).toBeLessThan(2e-6);
      }),
      { numRuns: 12, examples: PADDED_OPERANDS.map((operand) => [operand, 1]) },
    );
  });
});

/** Runs an op on four numbers an input. */
async function runOn(op: ElementwiseOp, ...inputs: number[][]): Promise<number[]> {
  const buffers = [...inputs, [9, 9, 9, 9]].map((values) => Float32Array.from(values));
  const results = await runKernel(elementwisePlan(op, { shape: [4], layout: 'row-major' }), buffers);
  return [...results.at(-1)!];
}

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

test('relu keeps NaN and turns −0 into 0', async () => {
  expect(await runOn('relu', [nan, -0, -infinity, infinity])).toEqual([nan, 0, 0, infinity]);
  expect(await runOn('relu', [1e-30, -1e-30, 0, -3e38])).toEqual([Math.fround(1e-30), 0, 0, 0]);
});

test('relu keeps NaN with the sign set', async () => {
  const x = new Float32Array(new Uint32Array([0xffc00000, 0xff800001, 0x7fc00000, 0xff800000]).buffer);
  const plan = elementwisePlan('relu', { shape: [4], layout: 'row-major' });
  const [, y] = await runKernel(plan, [x, new Float32Array(4)]);
  expect([...y]).toEqual([nan, nan, nan, 0]);
});

test("relu's gradient is 0 at 0 and −0", async () => {
  expect(await runOn('reluBackward', [0, -0, 1e-30, -1], [5, 6, 7, 8])).toEqual([0, 0, 7, 0]);
});

test("relu's gradient is let through at NaN and ∞, and stopped at −∞", async () => {
  expect(await runOn('reluBackward', [nan, infinity, -infinity, 1], [5, 6, 7, 8])).toEqual([5, 6, 0, 8]);
});

test('sigmoid reaches its bounds at infinity', async () => {
  expect(await runOn('sigmoid', [infinity, -infinity, nan, 0])).toEqual([1, 0, nan, 0.5]);
});

test('sigmoid neither overflows nor loses NaN', async () => {
  const [low, high, half, undefinedOne] = await runOn('sigmoid', [-1000, 1000, 0, nan]);
  expect([low, high, half, undefinedOne]).toEqual([0, 1, 0.5, nan]);
});

test('copy keeps the bits of integers', async () => {
  const x = Uint32Array.from([0, 1, 0x7f800001, 0xffffffff]);
  const [, y] = await runKernel(elementwisePlan('copy', { shape: [4], layout: 'row-major' }), [
    x,
    new Uint32Array(4),
  ]);
  expect(y).toEqual(x);
});
