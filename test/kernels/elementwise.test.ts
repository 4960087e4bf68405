import { describe, expect, test } from 'vitest';
import { accumulatePlan } from '../../src/kernels/accumulate.ts';
import { defineElementwise, expandPlan, fillPlan } from '../../src/kernels/elementwise.ts';
import type { Operand } from '../../src/kernels/padding.ts';
import { full, map, maxAbsDifference, type NdArray, randomUniform, xorshift } from '../reference/array.ts';
import * as reference from '../reference/elementwise.ts';
import fc from '../support/fast-check.ts';
import {
  arbitraryOperand,
  BROADCASTING_OPERANDS,
  broadcastingOperands,
  fromMemory,
  inMemory,
  PADDED_OPERANDS,
  unwritten,
} from '../support/operands.ts';
import { runKernel } from '../support/run-kernel.ts';

/** Neither symmetric nor 0 at 0. */
const mix = defineElementwise({
  name: 'test.mix',
  inputs: ['a', 'b'],
  parameters: ['scale', 'shift'],
  value: 'scaled(a, scale) - b + shift',
  functions: 'fn scaled(x: vec4f, scale: vec4f) -> vec4f { return x * scale; }',
});
const PARAMETERS = { scale: -1.5, shift: 0.75 };
const mixed = (a: NdArray, b: NdArray) => reference.binary(a, b, (x, y) => -1.5 * x - y + 0.75);

const random = ({ shape }: Operand, seed: number) => randomUniform(shape, xorshift(seed), -2, 2);

const isNumber = (operand: Operand | number): operand is number => typeof operand === 'number';

/** Runs {@link mix} on arrays that lie in memory as `operands` do, and on numbers. */
async function runMix(operands: [a: Operand | number, b: Operand | number], arrays: NdArray[], y: Operand) {
  const [a, b] = operands;
  const tensors = operands.flatMap((operand, i) =>
    isNumber(operand) ? [] : [inMemory(arrays[i]!, operand.layout)],
  );
  const memory = (await runKernel(mix(y, { a, b }, PARAMETERS), [...tensors, unwritten(y)])).at(-1)!;
  return fromMemory(memory, y);
}

describe('a function of elements', () => {
  test('agrees with float64 on any shape and layout, and keeps padding zero', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryOperand, fc.nat(), async (operand, seed) => {
        const [a, b] = [random(operand, seed), random(operand, seed + 1)] as const;
        const actual = await runMix([operand, operand], [a, b], operand);
        expect(maxAbsDifference(actual, mixed(a, b))).toBeLessThan(2e-6);
      }),
      { numRuns: 12, examples: PADDED_OPERANDS.map((operand) => [operand, 1]) },
    );
  });

  test('broadcasts as NumPy does, in any layouts', async () => {
    await fc.assert(
      fc.asyncProperty(broadcastingOperands, fc.nat(), async ([a, b, y], seed) => {
        const [left, right] = [random(a, seed), random(b, seed + 1)];
        const actual = await runMix([a, b], [left, right], y);
        expect(maxAbsDifference(actual, mixed(left, right))).toBeLessThan(2e-6);
      }),
      { numRuns: 20, examples: BROADCASTING_OPERANDS.map((operands, i) => [operands, i]) },
    );
  });

  test('takes numbers in the place of operands, in one pipeline for all numbers', async () => {
    const [alike, padded] = PADDED_OPERANDS as [Operand, Operand];
    const row: Operand = { shape: [5, 1], layout: 'row-major' };
    const numbers = (value: number) => full([1], value);
    for (const [x, y] of [
      [alike, alike],
      [padded, padded],
      [row, { ...alike, shape: [2, 3, 5, 7] }],
    ] as const) {
      const array = random(x, 3);
      const broadcast = reference.add(array, full(y.shape, 0));
      const left = await runMix([2.5, x], [numbers(2.5), array], y);
      expect(maxAbsDifference(left, mixed(numbers(2.5), broadcast))).toBeLessThan(2e-6);
      const right = await runMix([x, -3], [array, numbers(-3)], y);
      expect(maxAbsDifference(right, mixed(broadcast, numbers(-3)))).toBeLessThan(2e-6);
    }
    const key = (number: number) => mix(alike, { a: alike, b: number }, PARAMETERS).key;
    expect(key(1)).toBe(key(2));
  });

  test('refuses operands that do not broadcast to the result', () => {
    const operand = (...shape: number[]): Operand => ({ shape, layout: 'row-major' });
    const plan = (a: Operand, b: Operand, y: Operand) => mix(y, { a, b }, PARAMETERS);
    expect(() => plan(operand(2, 3), operand(2), operand(2, 3))).toThrow(/broadcast/);
    expect(() => plan(operand(2, 3), operand(3), operand(3))).toThrow(/\[2, 3\].*\[3\]/);
    expect(() => expandPlan(operand(3), { x: operand(2) }, { factor: 1 })).toThrow(/\[2\].*\[3\]/);
  });
});

test('expand broadcasts and scales', async () => {
  await fc.assert(
    fc.asyncProperty(broadcastingOperands, fc.nat(), async ([x, , y], seed) => {
      const source = random(x, seed);
      const plan = expandPlan(y, { x }, { factor: 0.25 });
      const [, memory] = await runKernel(plan, [inMemory(source, x.layout), unwritten(y)]);
      const expected = map(reference.add(source, full(y.shape, 0)), (value) => value * 0.25);
      expect(maxAbsDifference(fromMemory(memory, y), expected)).toBe(0);
    }),
    { numRuns: 20, examples: BROADCASTING_OPERANDS.map((operands, i) => [operands, i]) },
  );
});

test.each(PADDED_OPERANDS)('fill and accumulate keep the padding of $layout zero', async (operand) => {
  const [filled] = await runKernel(fillPlan(operand, {}, { scalar: 0.75 }), [unwritten(operand)]);
  expect(fromMemory(filled, operand)).toEqual(full(operand.shape, 0.75));
  const [x, before] = [random(operand, 1), random(operand, 2)];
  const buffers = [x, before].map((array) => inMemory(array, operand.layout)) as [Float32Array, Float32Array];
  const [, sum] = await runKernel(accumulatePlan(operand), buffers);
  expect(maxAbsDifference(fromMemory(sum, operand), reference.add(before, x))).toBeLessThan(1e-6);
});
