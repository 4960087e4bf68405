/** @file Tests of the reductions that are no sums, and of their gradients. */

import { describe, expect, test } from 'vitest';
import type { Operand } from '../../src/kernels/padding.ts';
import { reduceAfterMaxSequence, reduceSequence } from '../../src/kernels/reduce.ts';
import { reduceBackwardPlan } from '../../src/kernels/reduce-backward.ts';
import { memorySize } from '../../src/shape/layout.ts';
import { fromArray, type NdArray, randomUniform, relativeError, xorshift } from '../reference/array.ts';
import * as reference from '../reference/reduce.ts';
import fc from '../support/fast-check.ts';
import { arbitraryOperand, fromMemory, inMemory, unwritten } from '../support/operands.ts';
import { runKernel, runSequence } from '../support/run-kernel.ts';

type Case = {
  readonly x: Operand;
  readonly y: Operand;
  readonly axes: readonly number[];
  readonly seed: number;
};

/** A tensor, and what is left of it over some axes: in its own layout, or row-major. */
const arbitraryCase: fc.Arbitrary<Case> = fc
  .tuple(arbitraryOperand, fc.nat({ max: 15 }), fc.boolean(), fc.nat())
  .map(([x, drawn, rowMajor, seed]) => {
    const axes = x.shape.flatMap((_, axis) => ((drawn >> axis) % 2 === 0 ? [axis] : []));
    const shape = x.shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
    return { x, y: { shape, layout: rowMajor ? 'row-major' : x.layout }, axes, seed };
  });

/** Cases that a random draw may miss: long sums in two passes, padding on either side, and beside a single channel. */
const LONG: readonly Case[] = [
  { x: { shape: [9000], layout: 'row-major' }, y: { shape: [1], layout: 'row-major' }, axes: [0], seed: 1 },
  {
    x: { shape: [2, 6, 70, 60], layout: 'channels-last' },
    y: { shape: [1, 6, 1, 1], layout: 'channels-last' },
    axes: [0, 2, 3],
    seed: 2,
  },
  {
    x: { shape: [3, 6, 70, 60], layout: 'channels-last' },
    y: { shape: [3, 1, 1, 1], layout: 'channels-last' },
    axes: [1, 2, 3],
    seed: 3,
  },
  {
    x: { shape: [3, 5, 3, 70], layout: 'filter' },
    y: { shape: [1, 1, 1, 1], layout: 'row-major' },
    axes: [0, 1, 2, 3],
    seed: 4,
  },
  {
    x: { shape: [2, 1, 3, 5], layout: 'channels-last' },
    y: { shape: [2, 1, 3, 1], layout: 'row-major' },
    axes: [3],
    seed: 5,
  },
  {
    x: { shape: [5, 1, 3, 2], layout: 'filter' },
    y: { shape: [1, 1, 1, 1], layout: 'filter' },
    axes: [0, 2, 3],
    seed: 6,
  },
];

/** Small ones whose axes are kept and reduced by turns in memory. */
const BY_TURNS: readonly Case[] = [
  { x: { shape: [2, 3, 5, 7], layout: 'row-major' }, axes: [1, 3], seed: 5 },
  { x: { shape: [2, 3, 5, 7], layout: 'channels-last' }, axes: [0, 3], seed: 6 },
  { x: { shape: [5, 3, 2, 3], layout: 'filter' }, axes: [2, 1], seed: 7 },
  { x: { shape: [5, 3, 2, 3], layout: 'filter' }, axes: [0, 3], seed: 8 },
].map(({ x, axes, seed }) => {
  const shape = x.shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
  return { x: x as Operand, y: { shape, layout: 'row-major' }, axes, seed };
});

async function forAll(check: (drawn: Case) => Promise<void>, examples = LONG): Promise<void> {
  const given = examples.map((drawn): [Case] => [drawn]);
  await fc.assert(fc.asyncProperty(arbitraryCase, check), { numRuns: 10, examples: given });
}

/** Numbers of both signs, many of them alike. */
const ties = ({ shape }: Operand, seed: number): NdArray => {
  const next = xorshift(seed);
  return fromArray(shape, randomUniform(shape, next, -3, 3).data.map(Math.round));
};
/** Numbers that lie far from 0, all of one sign or the other, so that zeros among them are noticed. */
const far = ({ shape }: Operand, seed: number): NdArray => {
  const sign = seed % 2 === 0 ? 1 : -1;
  return randomUniform(shape, xorshift(seed), 99 * sign, 101 * sign);
};

/** How a reduction is computed on arrays in memory. */
type Run = (x: Float32Array, drawn: Case) => Promise<Float32Array>;

const direct =
  (reduction: 'max' | 'min'): Run =>
  async (x, drawn) =>
    (
      await runSequence(reduceSequence(reduction, drawn.x, drawn.y), {
        x,
        known: undefined,
        y: unwritten(drawn.y),
      })
    ).y;

const variance: Run = async (x, { x: operand, y, axes }) => {
  const elements = axes.reduce((product, axis) => product * operand.shape[axis]!, 1);
  const sum = reduceSequence('sum', operand, y, 1 / elements);
  const { y: known } = await runSequence(sum, { x, known: undefined, y: unwritten(y) });
  const spread = reduceSequence('squaredDifferences', operand, y, 1 / elements);
  return (await runSequence(spread, { x, known, y: unwritten(y) })).y;
};

const logSumExp: Run = async (x, drawn) =>
  (await runSequence(reduceAfterMaxSequence('logSumExp', drawn.x, drawn.y), { x, y: unwritten(drawn.y) })).y;

const biased = (x: NdArray, options: reference.ReduceOptions) =>
  reference.variance(x, { ...options, unbiased: false });

const biasedBackward = (x: NdArray, dy: NdArray, options: reference.ReduceOptions) =>
  reference.varianceBackward(x, dy, { ...options, unbiased: false });

describe.each([
  { name: 'max', run: direct('max'), expected: reference.max, bound: 0 },
  { name: 'min', run: direct('min'), expected: reference.min, bound: 0 },
  { name: 'variance', run: variance, expected: biased, bound: 3e-6 },
  // Of −1 + log 3 a tenth is left.
  { name: 'logSumExp', run: logSumExp, expected: reference.logSumExp, bound: 3e-6 },
])('$name', ({ run, expected, bound }) => {
  test.each(Object.entries({ far, ties }))('agrees with float64 on numbers that are %s', async (_, draw) => {
    await forAll(async (drawn) => {
      const values = draw(drawn.x, drawn.seed);
      const y = fromMemory(await run(inMemory(values, drawn.x.layout), drawn), drawn.y);
      const exact = expected(values, { axes: drawn.axes, keepDims: true });
      expect(relativeError(y, exact)).toBeLessThanOrEqual(bound);
    });
  });
});

test('argMax finds the first of the greatest, along one axis', async () => {
  await forAll(async ({ x, y, axes, seed }) => {
    if (axes.length !== 1) return;
    const values = ties(x, seed);
    const places = new Int32Array(memorySize(y.shape, y.layout)).fill(-1);
    const sequence = reduceAfterMaxSequence('place', x, y);
    const found = (await runSequence(sequence, { x: inMemory(values, x.layout), y: places })).y;
    const expected = reference.argMax(values, { axes, keepDims: true });
    expect(fromMemory(Float32Array.from(found), y)).toEqual(expected);
  });
});

describe('gradients agree with float64', () => {
  test.each([
    { gradient: 'extreme', forward: reference.max, backward: reference.maxBackward },
    { gradient: 'extreme', forward: reference.min, backward: reference.minBackward },
    { gradient: 'variance', forward: reference.mean, backward: biasedBackward },
    { gradient: 'logSumExp', forward: reference.logSumExp, backward: reference.logSumExpBackward },
  ] as const)('$gradient', async ({ gradient, forward, backward }) => {
    await forAll(async ({ x, y, axes, seed }) => {
      const values = ties(x, seed);
      const options = { axes, keepDims: true };
      const lies = (array: NdArray) => inMemory({ ...array, shape: y.shape }, y.layout);
      const known = lies(forward(values, options));
      const dy = randomUniform(y.shape, xorshift(seed + 1));
      const given = [inMemory(values, x.layout), lies(dy), known];
      if (gradient === 'extreme') {
        const count = reduceSequence('count', x, y);
        const counted = await runSequence(count, { x: given[0]!, known, y: unwritten(y) });
        given.push(counted.y);
      }
      const elements = axes.reduce((product, axis) => product * x.shape[axis]!, 1);
      const plan = reduceBackwardPlan(gradient, x, y, 2 / elements);
      const dx = fromMemory((await runKernel(plan, [...given, unwritten(x)])).at(-1)!, x);
      expect(relativeError(dx, backward(values, dy, options))).toBeLessThan(1e-6);
    }, BY_TURNS);
  });
});
