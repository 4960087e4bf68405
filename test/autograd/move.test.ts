import { describe, expect, test } from 'vitest';
import { gradCheck } from '../../src/autograd/grad-check.ts';
import { add, flatten, gather, mean, pad, permute, reshape, slice, stack } from '../../src/autograd/ops.ts';
import type { Layout } from '../../src/shape/layout.ts';
import type { AxisRange } from '../../src/shape/view.ts';
import { tensor, zeros } from '../../src/tensor/create.ts';
import { randomNormal, scaledMaxError, xorshift } from '../reference/array.ts';
import * as reference from '../reference/move.ts';
import { testDevice } from '../support/device.ts';
import fc from '../support/fast-check.ts';
import { arbitraryOperand, layoutOfRank } from '../support/operands.ts';
import { runOp } from '../support/run-op.ts';

const random = (shape: readonly number[], seed = 1) => randomNormal(shape, xorshift(seed));

describe('permute', () => {
  test('moves elements, and its gradient moves them back', async () => {
    const arbitrary = arbitraryOperand.chain(({ shape, layout }) => {
      const axes = shape.map((_, axis) => axis);
      const order = fc.shuffledSubarray(axes, { minLength: axes.length, maxLength: axes.length });
      return fc.record({ shape: fc.constant(shape), layout: fc.constant(layout), axes: order });
    });
    await fc.assert(
      fc.asyncProperty(arbitrary, async ({ shape, layout, axes }) => {
        const array = random(shape);
        const negative = axes.map((axis, i) => (i % 2 === 0 ? axis : axis - shape.length));
        const { y, dy, gradients } = await runOp((x) => permute(x, negative), [{ array, layout }]);
        expect(y).toEqual(reference.permute(array, axes));
        expect(gradients).toEqual([reference.permuteBackward(dy, axes)]);
      }),
      { numRuns: 30, examples: [[{ shape: [2, 8, 3, 5], layout: 'channels-last', axes: [0, 2, 3, 1] }]] },
    );
  });

  test('of more than four axes', async () => {
    const array = random([2, 3, 2, 2, 5]);
    const axes = [2, 0, 3, 1, 4];
    const { y, dy, gradients } = await runOp((x) => permute(x, axes), [{ array }]);
    expect(y).toEqual(reference.permute(array, axes));
    expect(gradients).toEqual([reference.permuteBackward(dy, axes)]);
  });

  test.each<[shape: number[], axes: number[], layout: Layout, shares: boolean]>([
    [[2, 8, 3, 5], [0, 2, 3, 1], 'row-major', true],
    [[2, 6, 3, 5], [0, 2, 3, 1], 'row-major', false],
    [[2, 8, 3, 5], [0, 1, 3, 2], 'channels-last', false],
    [[2, 8, 3, 5], [2, 1, 0, 3], 'channels-last', false],
  ])('%j by %j lies %s, sharing memory: %s', async (shape, axes, layout, shares) => {
    const x = zeros(await testDevice(), shape);
    const y = permute(x, axes);
    const back = permute(y, [0, 3, 1, 2]);
    expect(y.layout).toBe(layout);
    expect(y.slice === x.slice).toBe(shares);
    if (shares) expect([back.layout, back.slice === x.slice]).toEqual(['channels-last', true]);
    for (const each of [x, y, back]) each.dispose();
  });

  test('refuses what is no order of the axes', async () => {
    const x = zeros(await testDevice(), [2, 3]);
    expect(() => permute(x, [0, 0])).toThrow(/\[0, 0\] of a tensor of rank 2/);
    expect(() => permute(x, [0])).toThrow(/each axis once/);
    expect(() => permute(x, [0, 2])).toThrow(/axis 2 is outside/);
    x.dispose();
  });
});

const arbitraryRange = (extent: number): fc.Arbitrary<AxisRange> =>
  fc
    .tuple(fc.nat(extent - 1), fc.integer({ min: 1, max: extent }), fc.integer({ min: 1, max: 3 }))
    .map(([a, b, step]) => ({ start: Math.min(a, b - 1), end: Math.max(a + 1, b), step }));

describe('slice', () => {
  test('takes a part, and its gradient is zero outside of it', async () => {
    const arbitrary = arbitraryOperand.chain((x) =>
      fc.record({ x: fc.constant(x), ranges: fc.tuple(...x.shape.map(arbitraryRange)) }),
    );
    const channels = [
      { start: 0, end: 2, step: 1 },
      { start: 1, end: 6, step: 2 },
      { start: 0, end: 3, step: 1 },
      { start: 2, end: 5, step: 1 },
    ];
    await fc.assert(
      fc.asyncProperty(arbitrary, async ({ x, ranges }) => {
        const array = random(x.shape);
        const options = {
          starts: ranges.map(({ start }) => start),
          ends: ranges.map(({ end }, axis) => (end < x.shape[axis]! ? end - x.shape[axis]! : Infinity)),
          steps: ranges.map(({ step }) => step),
        };
        const { y, dy, gradients } = await runOp((map) => slice(map, options), [{ array, layout: x.layout }]);
        expect(y).toEqual(reference.slice(array, ranges));
        expect(gradients).toEqual([reference.sliceBackward(x.shape, dy, ranges)]);
      }),
      {
        numRuns: 30,
        examples: [[{ x: { shape: [2, 7, 3, 5], layout: 'channels-last' }, ranges: channels }]],
      },
    );
  });

  test('of named axes, negative ones too, and of integers', async () => {
    const device = await testDevice();
    const x = tensor(device, new Int32Array([1, 2, 3, -4, 5, 6]), [2, 3]);
    const parts = [
      slice(x, { axes: [-1], starts: [1] }),
      slice(x, { starts: [-1] }),
      slice(x, { axes: [1, 0], ends: [1, 2], steps: [1, 1] }),
      slice(x, {}),
    ];
    expect(await Promise.all(parts.map(async (part) => [...(await part.data())]))).toEqual([
      [2, 3, 5, 6],
      [-4, 5, 6],
      [1, -4],
      [1, 2, 3, -4, 5, 6],
    ]);
    for (const each of [x, ...parts]) each.dispose();
  });
});

describe('stack', () => {
  test('puts tensors along a new axis, and its gradient takes them apart', async () => {
    const arbitrary = fc
      .array(fc.constantFrom(1, 2, 3, 5, 8), { minLength: 1, maxLength: 4 })
      .chain((shape) =>
        fc.record({
          shape: fc.constant(shape),
          layouts: fc.array(layoutOfRank(shape.length), { minLength: 1, maxLength: 5 }),
          axis: fc.nat(shape.length),
        }),
      );
    await fc.assert(
      fc.asyncProperty(arbitrary, async ({ shape, layouts, axis }) => {
        const arrays = layouts.map((_, i) => random(shape, i + 1));
        const { y, dy, gradients } = await runOp(
          (...parts) => stack(parts, axis === shape.length ? -1 : axis),
          arrays.map((array, i) => ({ array, layout: layouts[i]! })),
        );
        expect(y).toEqual(reference.stack(arrays, axis));
        expect(gradients).toEqual(reference.stackBackward(shape, arrays.length, dy, axis));
      }),
      { numRuns: 25 },
    );
  });

  test('refuses tensors that differ', async () => {
    const device = await testDevice();
    const [a, b, c] = [zeros(device, [2]), zeros(device, [3]), zeros(device, [2], { dtype: 'i32' })];
    expect(() => stack([a, b])).toThrow(/\[2\] and \[3\]/);
    expect(() => stack([a, c])).toThrow(/i32/);
    expect(() => stack([])).toThrow(/at least one/);
    expect(() => stack([a], 2)).toThrow(/axis 2 is outside/);
    for (const each of [a, b, c]) each.dispose();
  });
});

describe('pad', () => {
  const arbitrary = arbitraryOperand.chain((x) =>
    fc.record({
      x: fc.constant(x),
      pads: fc.tuple(...x.shape.map(() => fc.tuple(fc.nat(2), fc.nat(2)))),
      mode: fc.constantFrom<reference.PadMode>('constant', 'reflect', 'replicate'),
    }),
  );

  test('puts a rim around, and its gradient goes to what the rim repeats', async () => {
    await fc.assert(
      fc.asyncProperty(arbitrary, async ({ x, pads, mode }) => {
        const array = random(x.shape);
        // Reflections need elements within the edge.
        const rims = pads.map((rim, axis) =>
          mode === 'reflect' ? rim.map((count) => Math.min(count, x.shape[axis]! - 1)) : rim,
        ) as [number, number][];
        const value = mode === 'constant' ? 0.5 : undefined;
        const { y, dy, gradients } = await runOp(
          (map) => pad(map!, rims, { mode, ...(value !== undefined && { value }) }),
          [{ array, layout: x.layout }],
        );
        expect(y).toEqual(reference.pad(array, rims, mode, value));
        const expected = reference.padBackward(x.shape, dy, rims, mode);
        expect(scaledMaxError(gradients[0]!, expected)).toBeLessThan(1e-6);
      }),
      { numRuns: 25 },
    );
  });

  test('refuses what is no rim', async () => {
    const x = zeros(await testDevice(), [2, 3]);
    expect(() => pad(x, [[0, 1]])).toThrow(/1 pairs .* for \[2, 3\]: give one for each axis/);
    expect(() =>
      pad(
        x,
        [
          [0, 0],
          [0, 3],
        ],
        { mode: 'reflect' },
      ),
    ).toThrow(/2 elements to repeat along axis 1/);
    expect(() =>
      pad(x, [
        [0, 0],
        [0, 2 ** 31],
      ]),
    ).toThrow(/the result of pad/);
    expect(() =>
      pad(x, [
        [0, 0],
        [0, -1],
      ]),
    ).toThrow(/pads of pad/);
    x.dispose();
  });
});

describe('gather', () => {
  const indexesOf = async (indexes: readonly number[], shape: readonly number[]) =>
    tensor(await testDevice(), Int32Array.from(indexes), shape);

  test('takes rows by their indexes, and its gradient adds up what one row was taken for', async () => {
    const arbitrary = fc.record({
      x: arbitraryOperand,
      indexes: fc.array(fc.integer({ min: -1, max: 7 }), { minLength: 1, maxLength: 12 }),
      nested: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(arbitrary, async ({ x, indexes, nested }) => {
        const array = random(x.shape);
        const shape = nested ? [1, indexes.length] : [indexes.length];
        const rows = await indexesOf(indexes, shape);
        const { y, dy, gradients } = await runOp((a) => gather(a!, rows), [{ array, layout: x.layout }]);
        expect(y).toEqual(reference.gather(array, indexes, shape));
        const expected = reference.gatherBackward(x.shape, dy, indexes);
        expect(scaledMaxError(gradients[0]!, expected)).toBeLessThan(1e-6);
        rows.dispose();
      }),
      {
        numRuns: 25,
        examples: [
          [
            {
              x: { shape: [3, 6, 2, 2], layout: 'channels-last' },
              indexes: [2, 0, 3, 2, -1, 2],
              nested: false,
            },
          ],
          [{ x: { shape: [5, 8], layout: 'row-major' }, indexes: [4, 4, 1, 4], nested: true }],
        ],
      },
    );
  });

  test('of a list longer than a workgroup, the same bits each time', async () => {
    const device = await testDevice();
    const next = xorshift(5);
    const indexes = Array.from({ length: 300 }, () => Math.floor(next() * 7));
    const [array, rows] = [random([7, 5]), await indexesOf(indexes, [300])];
    const runs = [
      await runOp((a) => gather(a!, rows), [{ array }]),
      await runOp((a) => gather(a!, rows), [{ array }]),
    ];
    const [{ dy, gradients }, again] = runs as [(typeof runs)[0], (typeof runs)[0]];
    expect(scaledMaxError(gradients[0]!, reference.gatherBackward([7, 5], dy, indexes))).toBeLessThan(1e-6);
    expect(again.gradients).toEqual(gradients);
    rows.dispose();
    await device.finished();
  });

  test('refuses other indexes than integers', async () => {
    const x = zeros(await testDevice(), [2, 3]);
    // @ts-expect-error the type says it too
    expect(() => gather(x, x)).toThrow(/indexes of type i32, got f32/);
    x.dispose();
  });
});

test.each<[from: number[], start: number | undefined, to: number[]]>([
  [[2, 3, 4, 5], undefined, [2, 60]],
  [[2, 3, 4], 0, [24]],
  [[2, 3, 4], -1, [2, 3, 4]],
  [[2, 3], 1, [2, 3]],
])('flatten %j from axis %s', async (from, start, to) => {
  const array = random(from);
  const { y, dy, gradients } = await runOp((x) => flatten(x, start), [{ array }]);
  expect(y).toEqual({ shape: to, data: array.data });
  expect(gradients).toEqual([{ shape: from, data: dy.data }]);
});

test('reshape refuses what leaves no whole extent, and more than one −1', async () => {
  const x = tensor(await testDevice(), new Float32Array(12), [3, 4]);
  expect(reshape(x, [-1, 2]).shape).toEqual([6, 2]);
  expect(reshape(x, [-1]).shape).toEqual([12]);
  for (const extent of [0, Number.NaN, -2])
    expect(() => reshape(x, [extent, -1])).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
  expect(() => reshape(x, [5, -1])).toThrow(
    '12 elements cannot have the shape [5, -1]: 5 does not divide them',
  );
  expect(() => reshape(x, [-1, -1])).toThrow('whole number of at least 1');
});

test('gradients agree with finite differences', async () => {
  const device = await testDevice();
  const x = tensor(device, Float32Array.from(random([2, 3, 4]).data), [2, 3, 4]);
  const result = await gradCheck(
    (a) => {
      const turned = permute(a, [2, 0, 1]);
      const part = slice(turned, { starts: [1], steps: [2] });
      const rows = tensor(device, Int32Array.of(1, 0, 1));
      const rim = pad(
        gather(a, rows),
        [
          [0, 0],
          [1, 1],
          [2, 0],
        ],
        { mode: 'reflect' },
      );
      return add(
        mean(rim),
        flatten(stack([part, reshape(slice(a, { axes: [2], ends: [2] }), [2, 2, 3])], 1)),
      );
    },
    [x],
  );
  expect(result.ok, result.report).toBe(true);
  x.dispose();
});
