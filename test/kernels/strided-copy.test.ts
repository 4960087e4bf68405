import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Operand } from '../../src/kernels/padding.ts';
import { concatPlan, relayoutPlan, slicePlan } from '../../src/kernels/strided-copy.ts';
import type { Layout } from '../../src/shape/layout.ts';
import { randomUniform, xorshift } from '../reference/array.ts';
import * as reference from '../reference/concat.ts';
import { arbitraryOperand, fromMemory, inMemory, layoutOfRank, unwritten } from '../support/operands.ts';
import { runKernel } from '../support/run-kernel.ts';

const random = ({ shape }: Operand, seed: number) => randomUniform(shape, xorshift(seed));

test('relayout moves every element and zeroes padding', async () => {
  const arbitrary = arbitraryOperand.chain((x) => fc.tuple(fc.constant(x), layoutOfRank(x.shape.length)));
  await fc.assert(
    fc.asyncProperty(arbitrary, async ([x, to]) => {
      const values = random(x, 1);
      const y: Operand = { shape: x.shape, layout: to };
      const plan = relayoutPlan(x.shape, x.layout, to);
      const [, memory] = await runKernel(plan, [inMemory(values, x.layout), unwritten(y)]);
      expect(fromMemory(memory, y)).toEqual(values);
    }),
    {
      numRuns: 25,
      examples: [
        [[{ shape: [5, 3, 2, 3], layout: 'row-major' }, 'filter']],
        [[{ shape: [5, 3, 2, 3], layout: 'filter' }, 'channels-last']],
        [[{ shape: [5, 3, 2, 3], layout: 'channels-last' }, 'row-major']],
      ],
    },
  );
});

/** Up to three tensors that fit together along an axis, and the layout of the whole. */
const arbitraryParts = arbitraryOperand.chain((first) => {
  const rank = first.shape.length;
  return fc.nat(rank - 1).chain((axis) => {
    const part = fc.record({
      shape: fc.integer({ min: 1, max: 9 }).map((extent) => first.shape.with(axis, extent)),
      layout: layoutOfRank(rank),
    });
    const parts = fc.array(part, { minLength: 1, maxLength: 3 });
    return fc.record({ axis: fc.constantFrom(axis, axis - rank), parts, layout: layoutOfRank(rank) });
  });
});

/** The first part has one channel and ends within a vec4, so that its innermost axis is the image's width. */
const ONE_CHANNEL_FIRST: { axis: number; parts: { shape: number[]; layout: Layout }[]; layout: Layout } = {
  axis: 1,
  parts: [1, 2].map((channels) => ({ shape: [2, channels, 3, 5], layout: 'channels-last' })),
  layout: 'channels-last',
};

test('concat puts parts one after the other, slice cuts them apart again', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryParts, async ({ axis, parts, layout }) => {
      const along = axis < 0 ? axis + parts[0]!.shape.length : axis;
      const arrays = parts.map((part, k) => random(part, k + 1));
      const expected = reference.concat(arrays, along);
      const whole: Operand = { shape: expected.shape, layout };

      let memory = unwritten(whole);
      let offset = 0;
      for (const [k, part] of parts.entries()) {
        const plan = concatPlan(part, whole, axis, offset);
        memory = (await runKernel(plan, [inMemory(arrays[k]!, part.layout), memory]))[1];
        offset += part.shape[along]!;
      }
      expect(fromMemory(memory, whole)).toEqual(expected);

      offset = 0;
      for (const [k, part] of parts.entries()) {
        const plan = slicePlan(whole, part, axis, offset);
        const [, slice] = await runKernel(plan, [memory, unwritten(part)]);
        expect(fromMemory(slice, part)).toEqual(arrays[k]);
        offset += part.shape[along]!;
      }
    }),
    { numRuns: 25, examples: [[ONE_CHANNEL_FIRST]] },
  );
});

test('a copy keeps the bits of integers', async () => {
  const x = Int32Array.from([1, -1, 0x7f800001, 2, 3, 4]);
  const [, y] = await runKernel(relayoutPlan([1, 3, 1, 2], 'row-major', 'channels-last'), [
    x,
    new Int32Array(8),
  ]);
  expect([...y]).toEqual([1, 0x7f800001, 3, 0, -1, 2, 4, 0]);
});

test('a part that does not fit is refused', () => {
  const operand = (...shape: number[]): Operand => ({ shape, layout: 'row-major' });
  expect(() => concatPlan(operand(2, 3), operand(4, 4), 0, 0)).toThrow(/\[2, 3\].*\[4, 4\]/);
  expect(() => concatPlan(operand(2, 3), operand(4, 3), 0, 3)).toThrow(/at 3 along axis 0/);
  expect(() => slicePlan(operand(4, 3), operand(3), 0, 0)).toThrow(/does not fit/);
});
