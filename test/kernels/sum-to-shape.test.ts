import { expect, test } from 'vitest';
import type { Operand } from '../../src/kernels/padding.ts';
import { sumSequence } from '../../src/kernels/reduce.ts';
import { randomUniform, relativeError, xorshift } from '../reference/array.ts';
import * as reference from '../reference/elementwise.ts';
import fc from '../support/fast-check.ts';
import {
  BROADCASTING_OPERANDS,
  broadcastingOperands,
  fromMemory,
  inMemory,
  unwritten,
} from '../support/operands.ts';
import { runSequence } from '../support/run-kernel.ts';

test('the sum to a shape undoes a broadcast', async () => {
  await fc.assert(
    fc.asyncProperty(broadcastingOperands, fc.nat(), async ([target, , x], seed) => {
      // Of one sign, so that sums do not cancel.
      const gradient = randomUniform(x.shape, xorshift(seed), 0.5, 1.5);
      const buffers = { x: inMemory(gradient, x.layout), y: unwritten(target) };
      const { y: memory } = await runSequence(sumSequence(x, target), buffers);
      const expected = reference.sumToShape(gradient, target.shape);
      expect(relativeError(fromMemory(memory, target), expected)).toBeLessThan(2e-6);
    }),
    { numRuns: 25, examples: BROADCASTING_OPERANDS.map((operands, i) => [operands, i]) },
  );
});

test('shapes that do not agree are refused', () => {
  const operand = (...shape: number[]): Operand => ({ shape, layout: 'row-major' });
  expect(() => sumSequence(operand(2, 3), operand(2))).toThrow(/\[2, 3\].*\[2\]/);
});
