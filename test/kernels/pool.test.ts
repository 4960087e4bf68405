import { describe, expect, test } from 'vitest';
import type { Operand } from '../../src/kernels/padding.ts';
import type { KernelPlan } from '../../src/kernels/plan.ts';
import { avgPool2dBackwardPlan, avgPool2dPlan } from '../../src/kernels/pool/average.ts';
import { maxPool2dBackwardPlan, maxPool2dIndexesSize, maxPool2dPlan } from '../../src/kernels/pool/max.ts';
import { pool2dStages } from '../../src/kernels/pool/windows.ts';
import { inputShape, outputShape } from '../../src/shape/maps.ts';
import { type Pool2dAttributes, type Pool2dGeometry, pool2dGeometry } from '../../src/shape/pool2d.ts';
import { expandPadding, expandPair } from '../../src/shape/window.ts';
import { fromArray, map, type NdArray, randomNormal, scaledMaxError, xorshift } from '../reference/array.ts';
import { averagePools } from '../reference/average-pools.ts';
import * as reference from '../reference/pool.ts';
import fc from '../support/fast-check.ts';
import { fromMemory, inMemory, unwritten } from '../support/operands.ts';
import { runKernel } from '../support/run-kernel.ts';

const image = (shape: readonly number[]): Operand => ({ shape, layout: 'channels-last' });
const pack = (array: NdArray) => inMemory(array, 'channels-last');
const outputOf = (g: Pool2dGeometry) => unwritten(image(outputShape(g)));
const inputOf = (g: Pool2dGeometry) => unwritten(image(inputShape(g)));

function referenceOptions(
  options: Pool2dAttributes,
  type: 'max' | 'avg',
  exclusive = true,
): reference.PoolOptions {
  const { top, bottom, left, right } = expandPadding(options.padding ?? 0, 'padding');
  return {
    type,
    kernel: expandPair(options.kernel ?? 1, 'kernel'),
    stride: expandPair(options.stride ?? options.kernel ?? 1, 'stride'),
    padding: [top, bottom, left, right],
    ceilMode: options.ceilMode ?? false,
    exclusive,
    global: options.global ?? false,
  };
}

/** y and dx of a maximum pooling, in stages. */
async function maxPool(
  stages: readonly Pool2dGeometry[],
  x: NdArray,
  dy: (shape: readonly number[]) => NdArray,
) {
  let values = pack(x);
  const indexes: Uint32Array[] = [];
  for (const g of stages) {
    const words = new Uint32Array(maxPool2dIndexesSize(g)).fill(0xffffffff);
    const [, y, taps] = await runKernel(maxPool2dPlan(g, { indexes: true }), [values, outputOf(g), words]);
    values = y;
    indexes.push(taps);
  }
  const outShape = outputShape(stages.at(-1)!);
  let gradient = pack(dy(outShape));
  for (const [i, g] of [...stages.entries()].reverse()) {
    [, , gradient] = await runKernel(maxPool2dBackwardPlan(g), [gradient, indexes[i]!, inputOf(g)]);
  }
  return { y: fromMemory(values, image(outShape)), dx: fromMemory(gradient, image(x.shape)) };
}

/** y and dx of an average pooling, in stages. */
async function avgPool(
  stages: readonly Pool2dGeometry[],
  exclusive: boolean,
  x: NdArray,
  dy: (shape: readonly number[]) => NdArray,
) {
  const run = async (plan: KernelPlan, input: Float32Array, output: Float32Array) =>
    (await runKernel(plan, [input, output]))[1];
  let values = pack(x);
  for (const g of stages) values = await run(avgPool2dPlan(g, { exclusive }), values, outputOf(g));
  const outShape = outputShape(stages.at(-1)!);
  let gradient = pack(dy(outShape));
  for (const g of stages.toReversed()) {
    gradient = await run(avgPool2dBackwardPlan(g, { exclusive }), gradient, inputOf(g));
  }
  return { y: fromMemory(values, image(outShape)), dx: fromMemory(gradient, image(x.shape)) };
}

/** Compares both kinds of pooling and their gradients with the reference. */
async function comparePools(
  shape: readonly number[],
  options: Pool2dAttributes,
  seed: number,
  exclusive: boolean,
) {
  const next = xorshift(seed);
  // Few different values, so that there are ties.
  const x = map(randomNormal(shape, next), (value) => Math.round(value * 2) / 2 - 1);
  const stages = pool2dStages(pool2dGeometry(shape, options));
  const dy = randomNormal(outputShape(stages.at(-1)!), next);

  const max = await maxPool(stages, x, () => dy);
  const maxOptions = referenceOptions(options, 'max');
  expect(max.y).toEqual(reference.pool(x, maxOptions));
  expect(scaledMaxError(max.dx, reference.poolBackward(x, dy, maxOptions))).toBeLessThan(1e-5);

  const avg = await avgPool(stages, exclusive, x, () => dy);
  const avgOptions = referenceOptions(options, 'avg', exclusive);
  expect(scaledMaxError(avg.y, reference.pool(x, avgOptions))).toBeLessThan(1e-5);
  expect(scaledMaxError(avg.dx, reference.poolBackward(x, dy, avgOptions))).toBeLessThan(1e-5);
}

const isPossible = (shape: readonly number[], options: Pool2dAttributes) => {
  try {
    pool2dGeometry(shape, options);
    return true;
  } catch {
    return false;
  }
};

test('random windows', async () => {
  const extent = fc.integer({ min: 1, max: 11 });
  const arbitraryPool = fc
    .record({
      shape: fc.tuple(fc.constantFrom(1, 2), fc.constantFrom(1, 3, 5, 6, 130), extent, extent),
      kernel: fc.tuple(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 10 })),
      // The stride is part of the pipelines' keys: few of them, for the sake of time.
      stride: fc.constantFrom<[number, number]>([1, 1], [2, 2], [4, 1]),
      padding: fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2), fc.nat(2)),
      ceilMode: fc.boolean(),
    })
    .filter(({ shape, ...options }) => isPossible(shape, options));
  await fc.assert(
    fc.asyncProperty(arbitraryPool, fc.nat(), fc.boolean(), ({ shape, ...options }, seed, exclusive) =>
      comparePools(shape, options, seed, exclusive),
    ),
    { numRuns: 15 },
  );
});

describe('windows of note', () => {
  const cases: Record<string, [shape: number[], options: Pool2dAttributes, stages: number]> = {
    "ResNet's stem": [[2, 6, 13, 12], { kernel: 3, stride: 2, padding: 1 }, 1],
    "ResNet's global pooling": [[2, 130, 7, 7], { global: true }, 1],
    'a global pooling of a large map': [[2, 5, 31, 28], { global: true }, 2],
    'a large window with stride and padding': [
      [1, 3, 20, 23],
      { kernel: [9, 11], stride: [2, 3], padding: [4, 5] },
      2,
    ],
    'a stride beyond the window': [[1, 4, 11, 10], { kernel: 2, stride: 4 }, 1],
    'windows side by side, by default': [[2, 5, 7, 8], { kernel: [2, 3] }, 1],
    'a 1×1 map': [[3, 1, 1, 1], { kernel: 1 }, 1],
  };
  test.each(Object.entries(cases))('%s', async (_, [shape, options, stages]) => {
    expect(pool2dStages(pool2dGeometry(shape, options)).length).toBe(stages);
    await comparePools(shape, options, 17, true);
  });
});

test.each(Object.entries(averagePools))(
  'inclusive averages in ceil mode are PyTorch’s: %s',
  async (_, { image, ...expected }) => {
    const counting = (shape: readonly number[]) =>
      fromArray(
        shape,
        Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => i + 1),
      );
    const stages = pool2dStages(pool2dGeometry([1, 1, ...image], { ...expected, ceilMode: true }));
    const { y, dx } = await avgPool(stages, false, counting([1, 1, ...image]), counting);
    expect(scaledMaxError(y, fromArray(y.shape, expected.y))).toBeLessThan(1e-6);
    expect(scaledMaxError(dx, fromArray(dx.shape, expected.dx))).toBeLessThan(1e-6);
  },
);

test('without indexes the maximum is the same', async () => {
  const g = pool2dGeometry([1, 3, 5, 6], { kernel: 3, stride: 2, padding: 1 });
  const x = randomNormal(inputShape(g), xorshift(2));
  const [, y] = await runKernel(maxPool2dPlan(g, { indexes: false }), [pack(x), outputOf(g)]);
  const { kernelHeight: kernel, strideY: stride, padTop: padding } = g;
  const expected = reference.pool(x, referenceOptions({ kernel, stride, padding }, 'max'));
  expect(fromMemory(y, image(outputShape(g)))).toEqual(expected);
});

test('NaN is a maximum and gets the gradient; nothing is less than −FLT_MAX', async () => {
  const { NaN: nan, NEGATIVE_INFINITY: least } = Number;
  const x = { shape: [1, 1, 1, 6], data: Float64Array.from([1, nan, 2, least, least, least]) };
  const dy = { shape: [1, 1, 1, 2], data: Float64Array.from([3, 4]) };
  const { y, dx } = await maxPool([pool2dGeometry(x.shape, { kernel: [1, 3], stride: 3 })], x, () => dy);
  expect([...y.data]).toEqual([nan, -(2 - 2 ** -23) * 2 ** 127]);
  expect([...dx.data]).toEqual([0, 3, 0, 4, 0, 0]);
});

test('the first of two NaN gets the gradient, and the first pixel where nothing is greater than −FLT_MAX', async () => {
  const { NaN: nan, NEGATIVE_INFINITY: least } = Number;
  const x = { shape: [1, 1, 1, 6], data: Float64Array.from([least, least, 1, nan, nan, 2]) };
  const dy = { shape: [1, 1, 1, 2], data: Float64Array.from([3, 4]) };
  const window = { kernel: [1, 4], stride: 3, padding: [0, 0, 2, 0] } as const;
  const { dx } = await maxPool([pool2dGeometry(x.shape, window)], x, () => dy);
  expect([...dx.data]).toEqual([3, 0, 0, 4, 0, 0]);
});

test('more taps than an index can name, or more rows than a grid can have, are refused', () => {
  const large = pool2dGeometry([1, 1, 257, 256], { global: true });
  expect(() => maxPool2dPlan(large, { indexes: true })).toThrow(/257×256.*stages/);
  const [rows, columns] = pool2dStages(large);
  expect(maxPool2dPlan(rows!, { indexes: true }).workgroups).toEqual([1, 257, 1]);
  expect(() => maxPool2dBackwardPlan(columns!)).not.toThrow();
  expect(() => avgPool2dPlan(pool2dGeometry([65536, 1, 2, 2], { kernel: 2 }), { exclusive: true })).toThrow(
    /65536/,
  );
});
