import { describe, expect, test } from 'vitest';
import { expandPlan } from '../../src/kernels/elementwise.ts';
import type { Operand } from '../../src/kernels/padding.ts';
import { sumSequence } from '../../src/kernels/reduce.ts';
import { sizeOf } from '../../src/shape/shape.ts';
import { maxAbsDifference, randomUniform, relativeError, xorshift } from '../reference/array.ts';
import * as reference from '../reference/reduce.ts';
import fc from '../support/fast-check.ts';
import { arbitraryOperand, fromMemory, inMemory, unwritten } from '../support/operands.ts';
import { runKernel, runSequence } from '../support/run-kernel.ts';

const SCALAR: Operand = { shape: [1], layout: 'row-major' };

async function reduced(
  sequence: ReturnType<typeof sumSequence>,
  x: Float32Array,
  result: Operand,
): Promise<Float32Array> {
  return (await runSequence(sequence, { x, y: unwritten(result) })).y;
}
// All of one sign, so that sums do not cancel.
const positive = ({ shape }: Operand, seed: number) => randomUniform(shape, xorshift(seed), 0.5, 1.5);

test('the mean of all elements takes no padding and no tail', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryOperand, fc.nat(), async (x, seed) => {
      const values = positive(x, seed);
      const sequence = sumSequence(x, SCALAR, 1 / sizeOf(x.shape));
      const mean = fromMemory(await reduced(sequence, inMemory(values, x.layout), SCALAR), SCALAR);
      expect(relativeError(mean, reference.mean(values))).toBeLessThan(1e-6);
    }),
    { numRuns: 20 },
  );
});

test("the mean's gradient is the same everywhere and zero in padding", async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryOperand, fc.nat(), async (x, seed) => {
      const dy = positive(SCALAR, seed);
      const [, dx] = await runKernel(expandPlan(x, { x: SCALAR }, { factor: 1 / sizeOf(x.shape) }), [
        inMemory(dy, 'row-major'),
        unwritten(x),
      ]);
      const difference = maxAbsDifference(fromMemory(dx, x), reference.meanBackward(x.shape, dy));
      expect(difference).toBeLessThan(2e-7);
    }),
    { numRuns: 10 },
  );
});

describe('sums of many elements', () => {
  const operand = (shape: number[], layout: Operand['layout'] = 'row-major'): Operand => ({ shape, layout });
  const cases: Record<string, [x: Operand, y: Operand, passes: number]> = {
    'one result, just one workgroup': [operand([4096]), SCALAR, 1],
    'one result, just two workgroups': [operand([4097]), SCALAR, 2],
    'one result of very many': [operand([300_001]), SCALAR, 2],
    'columns of a long matrix': [operand([5000, 3]), operand([3]), 2],
    'columns of a wide matrix': [operand([700, 130]), operand([130]), 2],
    'rows of a wide matrix': [operand([3, 9000]), operand([3, 1]), 2],
    'channels of images': [
      operand([2, 6, 70, 60], 'channels-last'),
      operand([1, 6, 1, 1], 'channels-last'),
      2,
    ],
    'channels of images, to rank 3': [operand([3, 130, 7, 9], 'channels-last'), operand([130, 1, 1]), 1],
    'pixels of images': [operand([2, 5, 70, 60], 'channels-last'), operand([2, 5, 1, 1], 'channels-last'), 2],
    'images and columns': [operand([9, 20, 13, 11], 'channels-last'), operand([1, 20, 13, 1]), 1],
    'more results than workgroups along an axis': [operand([70_001, 2]), operand([70_001, 1]), 1],
    'two runs of one long result': [operand([70, 12, 3, 50]), operand([12, 1, 50]), 1],
  };

  test.each(Object.entries(cases))('%s', async (_, [x, y, passes]) => {
    const values = positive(x, 7);
    const sequence = sumSequence(x, y, 0.5);
    expect(sequence.steps.length).toBe(passes);
    const actual = fromMemory(await reduced(sequence, inMemory(values, x.layout), y), y);
    const kept = [...new Array<number>(x.shape.length - y.shape.length).fill(1), ...y.shape];
    const axes = x.shape.flatMap((_, axis) => (kept[axis] === 1 ? [axis] : []));
    const expected = reference.sum(values, { axes, keepDims: true });
    const half = { shape: y.shape, data: expected.data.map((value) => value / 2) };
    expect(relativeError(actual, half)).toBeLessThan(5e-7);
  });
});

test('NaN reaches the sum', async () => {
  const x: Operand = { shape: [5000], layout: 'row-major' };
  const values = positive(x, 3);
  values.data[4321] = Number.NaN;
  const [sum] = await reduced(sumSequence(x, SCALAR), inMemory(values, 'row-major'), SCALAR);
  expect(sum).toBeNaN();
});
