import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { binaryPlan, expandPlan } from '../../src/kernels/broadcast.ts';
import type { Operand } from '../../src/kernels/padding.ts';
import { sumSequence } from '../../src/kernels/reduce.ts';
import { broadcastShapes, type Shape } from '../../src/shape/shape.ts';
import {
  map,
  maxAbsDifference,
  type NdArray,
  randomUniform,
  relativeError,
  xorshift,
} from '../reference/array.ts';
import * as reference from '../reference/elementwise.ts';
import { fromMemory, inMemory, layoutOfRank, unwritten } from '../support/operands.ts';
import { runKernel, runSequence } from '../support/run-kernel.ts';

/** Two shapes that broadcast: axes taken away in front, or shrunk to 1. */
const arbitraryShapes = fc
  .array(fc.constantFrom(1, 2, 3, 5, 6, 8, 17), { minLength: 1, maxLength: 4 })
  .chain((shape) => {
    const part = fc
      .tuple(fc.nat(shape.length), fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }))
      .map(([missing, shrunk]) => shape.map((extent, i) => (shrunk[i] ? 1 : extent)).slice(missing));
    return fc.tuple(part, part);
  });

/** Two tensors that broadcast, and the tensor they broadcast to, each in any layout. */
const arbitraryOperands = arbitraryShapes.chain(([a, b]) =>
  fc.tuple(...[a, b, broadcastShapes(a, b)].map(inAnyLayout)),
) as fc.Arbitrary<[Operand, Operand, Operand]>;

function inAnyLayout(shape: Shape): fc.Arbitrary<Operand> {
  return fc.record({ shape: fc.constant(shape), layout: layoutOfRank(shape.length) });
}

/** Four axes of which no two can be taken as one, in layouts that pad them differently. */
const LEFT: Operand = { shape: [3, 5, 2, 1], layout: 'channels-last' };
const RIGHT: Operand = { shape: [1, 5, 1, 3], layout: 'row-major' };
const RESULT: Operand = { shape: [3, 5, 2, 3], layout: 'filter' };
const EXAMPLES: [[Operand, Operand, Operand], number][] = [
  [[LEFT, RIGHT, RESULT], 1],
  [[RIGHT, LEFT, { ...RESULT, layout: 'row-major' }], 2],
  [[LEFT, RIGHT, { ...RESULT, layout: 'channels-last' }], 3],
  [[RIGHT, LEFT, RESULT], 4],
];

const random = (operand: Operand, seed: number) => randomUniform(operand.shape, xorshift(seed));

const operations = {
  add: reference.add,
  subtract: (a: NdArray, b: NdArray) =>
    reference.add(
      a,
      map(b, (value) => -value),
    ),
  multiply: reference.multiply,
};

describe.each(Object.entries(operations))('%s', (name, expected) => {
  const op = name as keyof typeof operations;

  test('broadcasts as NumPy does, in any layouts', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryOperands, fc.nat(), async ([a, b, y], seed) => {
        const [left, right] = [random(a, seed), random(b, seed + 1)];
        const [, , memory] = await runKernel(binaryPlan(op, a, b, y), [
          inMemory(left, a.layout),
          inMemory(right, b.layout),
          unwritten(y),
        ]);
        expect(maxAbsDifference(fromMemory(memory, y), expected(left, right))).toBeLessThan(1e-6);
      }),
      { numRuns: 20, examples: EXAMPLES },
    );
  });
});

test('expand broadcasts and scales', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryOperands, fc.nat(), async ([x, , y], seed) => {
      const source = random(x, seed);
      const [, memory] = await runKernel(expandPlan(x, y, 0.25), [inMemory(source, x.layout), unwritten(y)]);
      const zeros = map(random(y, seed), () => 0);
      const expected = map(reference.add(source, zeros), (value) => value * 0.25);
      expect(maxAbsDifference(fromMemory(memory, y), expected)).toBe(0);
    }),
    { numRuns: 20, examples: EXAMPLES },
  );
});

test('the sum to a shape undoes a broadcast', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryOperands, fc.nat(), async ([target, , x], seed) => {
      // Of one sign, so that sums do not cancel.
      const gradient = randomUniform(x.shape, xorshift(seed), 0.5, 1.5);
      const buffers = { x: inMemory(gradient, x.layout), y: unwritten(target) };
      const { y: memory } = await runSequence(sumSequence(x, target), buffers);
      const expected = reference.sumToShape(gradient, target.shape);
      expect(relativeError(fromMemory(memory, target), expected)).toBeLessThan(2e-6);
    }),
    { numRuns: 25, examples: EXAMPLES },
  );
});

test('shapes that do not agree are refused', () => {
  const operand = (...shape: number[]): Operand => ({ shape, layout: 'row-major' });
  expect(() => binaryPlan('add', operand(2, 3), operand(2), operand(2, 3))).toThrow(/broadcast/);
  expect(() => binaryPlan('add', operand(2, 3), operand(3), operand(3))).toThrow(/\[2, 3\].*\[3\]/);
  expect(() => expandPlan(operand(2), operand(3))).toThrow(/\[2\].*\[3\]/);
  expect(() => sumSequence(operand(2, 3), operand(2))).toThrow(/\[2, 3\].*\[2\]/);
});
