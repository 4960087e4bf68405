/** @file Tests of softmax and its logarithm. */

import { describe, expect, test } from 'vitest';
import type { Operand } from '../../src/kernels/padding.ts';
import { type SoftmaxOp, softmaxBackwardPlan, softmaxPlan } from '../../src/kernels/softmax.ts';
import {
  fromArray,
  map,
  maxAbsDifference,
  type NdArray,
  randomUniform,
  relativeError,
  xorshift,
} from '../reference/array.ts';
import * as reference from '../reference/softmax.ts';
import fc from '../support/fast-check.ts';
import { arbitraryOperand, fromMemory, inMemory, unwritten } from '../support/operands.ts';
import { runKernel } from '../support/run-kernel.ts';

type Case = { readonly operand: Operand; readonly axis: number; readonly seed: number };

const arbitraryCase: fc.Arbitrary<Case> = fc
  .tuple(arbitraryOperand, fc.nat({ max: 3 }), fc.nat())
  .map(([operand, axis, seed]) => ({ operand, axis: axis % operand.shape.length, seed }));

/** Rows that a workgroup takes, near each other and far apart, with padding beside them and within. */
const LONG: readonly Case[] = [
  { operand: { shape: [3, 1000], layout: 'row-major' }, axis: 1, seed: 1 },
  { operand: { shape: [2, 3, 65, 2], layout: 'channels-last' }, axis: 2, seed: 2 },
  { operand: { shape: [2, 130, 2, 2], layout: 'channels-last' }, axis: 1, seed: 3 },
  { operand: { shape: [70, 3, 1, 2], layout: 'filter' }, axis: 0, seed: 4 },
];

async function forward(op: SoftmaxOp, x: NdArray, operand: Operand, axis: number): Promise<NdArray> {
  const [, y] = await runKernel(softmaxPlan(op, operand, axis), [
    inMemory(x, operand.layout),
    unwritten(operand),
  ]);
  return fromMemory(y, operand);
}

async function backward(op: SoftmaxOp, y: NdArray, dy: NdArray, operand: Operand, axis: number) {
  const arrays = [y, dy].map((array) => inMemory(array, operand.layout));
  const results = await runKernel(softmaxBackwardPlan(op, operand, axis), [...arrays, unwritten(operand)]);
  return fromMemory(results.at(-1)!, operand);
}

describe.each([
  { op: 'softmax', value: reference.softmax, gradient: reference.softmaxBackward },
  { op: 'logSoftmax', value: reference.logSoftmax, gradient: reference.logSoftmaxBackward },
] as const)('$op', ({ op, value, gradient }) => {
  test('agrees with float64, forward and backward', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryCase, async ({ operand, axis, seed }) => {
        const next = xorshift(seed);
        const x = randomUniform(operand.shape, next, -20, 20);
        const dy = randomUniform(operand.shape, next);
        const y = await forward(op, x, operand, axis);
        const exact = value(x, axis);
        expect(relativeError(y, exact)).toBeLessThan(3e-6);
        const dx = await backward(op, map(exact, Math.fround), dy, operand, axis);
        // A row of one has no gradient but what rounding leaves.
        expect(maxAbsDifference(dx, gradient(x, dy, axis))).toBeLessThan(1e-5);
      }),
      { numRuns: 10, examples: LONG.map((drawn): [Case] => [drawn]) },
    );
  });
});

describe('what is not finite', () => {
  const operand: Operand = { shape: [5, 3], layout: 'row-major' };
  const [nan, inf] = [Number.NaN, Number.POSITIVE_INFINITY];
  const x = fromArray([5, 3], [1, nan, 3, -inf, 0, 0, inf, 0, 1, -inf, -inf, -inf, 1e4, 1e4, -1e4]);

  test('softmax', async () => {
    const rows = [nan, nan, nan, 0, 0.5, 0.5, nan, nan, nan, nan, nan, nan, 0.5, 0.5, 0];
    expect([...(await forward('softmax', x, operand, 1)).data]).toEqual(rows);
  });

  test('logSoftmax', async () => {
    const y = await forward('logSoftmax', x, operand, 1);
    const half = Math.fround(-Math.LN2);
    const rows = [nan, nan, nan, -inf, half, half, nan, nan, nan, nan, nan, nan, half, half, -20000];
    expect([...y.data].map((value) => (value < -19999 && value > -20001 ? -20000 : value))).toEqual(rows);
    const dx = await backward('logSoftmax', y, fromArray([5, 3], new Array(15).fill(1)), operand, 1);
    expect([...dx.data].map(Number.isNaN)).toEqual(rows.map(Number.isNaN));
  });
});

test('a small loss keeps its precision', async () => {
  const operand: Operand = { shape: [1, 2], layout: 'row-major' };
  const y = await forward('logSoftmax', fromArray([1, 2], [0, -5]), operand, 1);
  expect(y.data[0]! / -Math.log1p(Math.exp(-5))).toBeCloseTo(1, 4);
});
