import { expect, test } from 'vitest';
import type { Operand } from '../../src/kernels/padding.ts';
import { copyPlan, relayoutPlan } from '../../src/kernels/strided-copy.ts';
import type { Layout } from '../../src/shape/layout.ts';
import { permuteView, sliceView, viewOf } from '../../src/shape/view.ts';
import { randomUniform, xorshift } from '../reference/array.ts';
import * as reference from '../reference/concat.ts';
import { permute } from '../reference/move.ts';
import fc from '../support/fast-check.ts';
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
    return fc.record({ axis: fc.constant(axis), parts, layout: layoutOfRank(rank) });
  });
});

/** Where a part lies in the whole. */
const placeOf = (whole: Operand, { shape }: Operand, axis: number, start: number) =>
  sliceView(viewOf(whole), axis, { start, end: start + shape[axis]!, step: 1 });

/** The first part has one channel and ends within a vec4, so that its innermost axis is the image's width. */
const ONE_CHANNEL_FIRST: { axis: number; parts: { shape: number[]; layout: Layout }[]; layout: Layout } = {
  axis: 1,
  parts: [1, 2].map((channels) => ({ shape: [2, channels, 3, 5], layout: 'channels-last' })),
  layout: 'channels-last',
};

/** None of the four axes is one in memory with another. */
const FOUR_AXES: typeof ONE_CHANNEL_FIRST = {
  axis: 3,
  parts: [2, 3].map((width) => ({ shape: [2, 3, 4, width], layout: 'channels-last' })),
  layout: 'row-major',
};

test('concat puts parts one after the other, slice cuts them apart again', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryParts, async ({ axis: along, parts, layout }) => {
      const arrays = parts.map((part, k) => random(part, k + 1));
      const expected = reference.concat(arrays, along);
      const whole: Operand = { shape: expected.shape, layout };

      let memory = unwritten(whole);
      let offset = 0;
      for (const [k, part] of parts.entries()) {
        const plan = copyPlan('concat', viewOf(part), placeOf(whole, part, along, offset));
        memory = (await runKernel(plan, [inMemory(arrays[k]!, part.layout), memory]))[1];
        offset += part.shape[along]!;
      }
      expect(fromMemory(memory, whole)).toEqual(expected);

      offset = 0;
      for (const [k, part] of parts.entries()) {
        const plan = copyPlan('slice', placeOf(whole, part, along, offset), viewOf(part));
        const [, slice] = await runKernel(plan, [memory, unwritten(part)]);
        expect(fromMemory(slice, part)).toEqual(arrays[k]);
        offset += part.shape[along]!;
      }
    }),
    { numRuns: 25, examples: [[ONE_CHANNEL_FIRST], [FOUR_AXES]] },
  );
});

test('a copy of more than four axes', async () => {
  const x: Operand = { shape: [2, 3, 2, 3, 2, 5], layout: 'row-major' };
  const values = random(x, 3);
  for (const axes of [
    [5, 4, 3, 2, 1, 0],
    [2, 0, 5, 1, 4, 3],
    [4, 1, 0, 3, 2, 5],
  ]) {
    const expected = permute(values, axes);
    const y: Operand = { shape: expected.shape, layout: 'row-major' };
    // From the permuted memory, and into it.
    const gathered = copyPlan('permute', permuteView(viewOf(x), axes), viewOf(y));
    const [, out] = await runKernel(gathered, [inMemory(values, 'row-major'), unwritten(y)]);
    expect(fromMemory(out, y)).toEqual(expected);
    const scattered = copyPlan('permute', viewOf(y), permuteView(viewOf(x), axes));
    const [, back] = await runKernel(scattered, [inMemory(expected, 'row-major'), unwritten(x)]);
    expect(fromMemory(back, x)).toEqual(values);
  }
});

test('a part of a tensor of more than four axes', async () => {
  const whole: Operand = { shape: [3, 3, 3, 3, 3, 5], layout: 'row-major' };
  const part: Operand = { shape: [2, 2, 2, 2, 2, 2], layout: 'row-major' };
  const place = whole.shape.reduce(
    (view, end, axis) => sliceView(view, axis, { start: 1, end, step: axis === 5 ? 2 : 1 }),
    viewOf(whole),
  );
  const values = random(part, 4);
  const [, memory] = await runKernel(copyPlan('slice', viewOf(part), place), [
    inMemory(values, 'row-major'),
    unwritten(whole),
  ]);
  const [, back] = await runKernel(copyPlan('slice', place, viewOf(part)), [memory, unwritten(part)]);
  expect(fromMemory(back, part)).toEqual(values);
  const untouched = memory.filter((value) => value === unwritten(part)[0]).length;
  expect(untouched).toBe(unwritten(whole).length - values.data.length);
});

test('a copy keeps the bits of integers', async () => {
  const x = Int32Array.from([1, -1, 0x7f800001, 2, 3, 4]);
  const [, y] = await runKernel(relayoutPlan([1, 3, 1, 2], 'row-major', 'channels-last'), [
    x,
    new Int32Array(8),
  ]);
  expect([...y]).toEqual([1, 0x7f800001, 3, 0, -1, 2, 4, 0]);
});

test('views of different shapes, or of more axes than a kernel has, are refused', () => {
  const operand = (...shape: number[]) => viewOf({ shape, layout: 'row-major' });
  expect(() => copyPlan('slice', operand(2, 3), operand(4, 4))).toThrow(/slice: \[2, 3\].*\[4, 4\]/);
  const many = operand(2, 3, 2, 3, 2, 3, 2);
  expect(() => copyPlan('permute', many, permuteView(many, [6, 5, 4, 3, 2, 1, 0]))).toThrow(/6 axes, got 7/);
});
