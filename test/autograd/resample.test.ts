import { describe, expect, test } from 'vitest';
import { gradCheck } from '../../src/autograd/grad-check.ts';
import { adaptiveAvgPool2d, upsample } from '../../src/autograd/ops.ts';
import type { UpsampleOptions } from '../../src/shape/upsample.ts';
import { tensor, zeros } from '../../src/tensor/create.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { fromArray, type NdArray, randomNormal, scaledMaxError, xorshift } from '../reference/array.ts';
import {
  averageTaps,
  bilinearTaps,
  nearestTaps,
  resample,
  resampleBackward,
  type Taps,
} from '../reference/resample.ts';
import { testDevice } from '../support/device.ts';
import fc from '../support/fast-check.ts';
import { layoutOfRank } from '../support/operands.ts';
import { type OpInput, runOp } from '../support/run-op.ts';

/** Compares an op and its gradient with the reference. */
async function compare(op: (x: Tensor) => Tensor, input: OpInput, rows: Taps, columns: Taps): Promise<void> {
  const { y, dy, gradients } = await runOp((x) => op(x!), [input]);
  expect(scaledMaxError(y, resample(input.array, rows, columns))).toBeLessThan(1e-5);
  expect(scaledMaxError(gradients[0]!, resampleBackward(input.array.shape, dy, rows, columns))).toBeLessThan(
    1e-5,
  );
}

const arbitraryInput = fc
  .tuple(
    fc.constantFrom(1, 2),
    fc.constantFrom(1, 3, 4, 6),
    fc.integer({ min: 1, max: 9 }),
    fc.integer({ min: 1, max: 9 }),
  )
  .chain((shape) =>
    fc.record({
      array: fc.nat().map((seed) => randomNormal(shape, xorshift(seed))),
      layout: layoutOfRank(4),
    }),
  );

const pair = (min: number, max: number) => fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));
const heightOf = ({ array }: OpInput): number => array.shape[2]!;
const widthOf = ({ array }: OpInput): number => array.shape[3]!;

describe('upsample', () => {
  test.each(['nearest', 'bilinear', 'aligned'] as const)('%s, to a size', async (kind) => {
    const taps = (from: number, to: number) =>
      kind === 'nearest' ? nearestTaps(from, to) : bilinearTaps(from, to, kind === 'aligned');
    const how = { mode: kind === 'nearest' ? kind : 'bilinear', alignCorners: kind === 'aligned' } as const;
    await fc.assert(
      fc.asyncProperty(arbitraryInput, pair(1, 20), async (input, size) => {
        const [rows, columns] = [taps(heightOf(input), size[0]), taps(widthOf(input), size[1])];
        await compare((x) => upsample(x, { size, ...how }), input, rows, columns);
      }),
      { numRuns: 15 },
    );
  });

  test.each(['nearest', 'bilinear'] as const)('%s, by a scale', async (mode) => {
    const taps = (from: number, scale: number) => {
      const to = Math.floor(from * scale);
      return mode === 'nearest' ? nearestTaps(from, to, scale) : bilinearTaps(from, to, false, scale);
    };
    const scale = fc.constantFrom(1, 1.5, 2, 2.4, 3, 1.1);
    await fc.assert(
      fc.asyncProperty(arbitraryInput, fc.tuple(scale, scale), async (input, scale) => {
        const [rows, columns] = [taps(heightOf(input), scale[0]), taps(widthOf(input), scale[1])];
        await compare((x) => upsample(x, { scale, mode }), input, rows, columns);
      }),
      { numRuns: 15 },
    );
  });

  // F.interpolate of torch.arange(1, 7).view(1, 1, 2, 3); PyTorch 2.13.
  test.each<[options: UpsampleOptions, expected: number[]]>([
    [{ scale: 1.5 }, [1, 1, 2, 3, 1, 1, 2, 3, 4, 4, 5, 6]],
    [{ scale: [1.7, 2.4] }, [1, 1, 1, 2, 2, 3, 3, 1, 1, 1, 2, 2, 3, 3, 4, 4, 4, 5, 5, 6, 6]],
    [{ size: [3, 4], mode: 'bilinear' }, [1, 1.625, 2.375, 3, 2.5, 3.125, 3.875, 4.5, 4, 4.625, 5.375, 6]],
    [
      { scale: 1.7, mode: 'bilinear' },
      [
        ...[1, 1.382353, 1.970588, 2.558824, 3, 2.147059, 2.529412, 3.117647],
        ...[3.705883, 4.147059, 3.911765, 4.294118, 4.882353, 5.470589, 5.911765],
      ],
    ],
    [
      { size: [3, 4], mode: 'bilinear', alignCorners: true },
      [1, 1.666667, 2.333333, 3, 2.5, 3.166667, 3.833333, 4.5, 4, 4.666667, 5.333333, 6],
    ],
  ])('PyTorch’s numbers: %j', async (options, expected) => {
    const x = tensor(await testDevice(), [1, 2, 3, 4, 5, 6], [1, 1, 2, 3]);
    const y = upsample(x, options);
    expect(scaledMaxError(fromArray(y.shape, await y.data()), fromArray(y.shape, expected))).toBeLessThan(
      1e-6,
    );
    for (const each of [x, y]) each.dispose();
  });

  test('hands NaN on, to the outputs that see it only', async () => {
    const x = tensor(await testDevice(), [1, Number.NaN, 3, 4], [1, 1, 1, 4]);
    const results = [
      upsample(x, { scale: [1, 2] }),
      upsample(x, { size: [1, 7], mode: 'bilinear', alignCorners: true }),
    ];
    const isNan = await Promise.all(results.map(async (y) => [...(await y.data())].map(Number.isNaN)));
    expect(isNan.map((flags) => flags.map(Number))).toEqual([
      [0, 0, 1, 1, 0, 0, 0, 0],
      [0, 1, 1, 1, 0, 0, 0],
    ]);
    for (const each of [x, ...results]) each.dispose();
  });

  test('refuses what makes no map', async () => {
    const x = zeros(await testDevice(), [1, 4, 2, 2]);
    const refused = (options: UpsampleOptions) => expect(() => upsample(x, options));
    refused({}).toThrow(/either a size or a scale, got neither/);
    refused({ size: 2, scale: 2 }).toThrow(/got both/);
    refused({ scale: 0.4 }).toThrow(/has no pixels/);
    refused({ scale: 0 }).toThrow(/scale of upsample is 0/);
    refused({ scale: 1e9 }).toThrow(/the result of upsample/);
    refused({ size: 4, alignCorners: true }).toThrow(/alignCorners is for mode 'bilinear'/);
    expect(() => upsample(zeros(x.device, [2, 2]), { scale: 2 })).toThrow(/\[N, C, H, W\]/);
    x.dispose();
  });
});

describe('adaptiveAvgPool2d', () => {
  test('divides maps into windows', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryInput, pair(1, 12), async (input, size) => {
        const [rows, columns] = [averageTaps(heightOf(input), size[0]), averageTaps(widthOf(input), size[1])];
        await compare((x) => adaptiveAvgPool2d(x, size), input, rows, columns);
      }),
      { numRuns: 20 },
    );
  });

  test('of large windows', async () => {
    const input = { array: randomNormal([1, 3, 29, 31], xorshift(1)) };
    await compare((x) => adaptiveAvgPool2d(x, [2, 3]), input, averageTaps(29, 2), averageTaps(31, 3));
    await compare((x) => adaptiveAvgPool2d(x, 1), input, averageTaps(29, 1), averageTaps(31, 1));
  });

  // F.adaptive_avg_pool2d(torch.arange(1, 16).view(1, 1, 3, 5), (2, 3)); PyTorch 2.13.
  test('PyTorch’s numbers', async () => {
    const values = Array.from({ length: 15 }, (_, i) => i + 1);
    const x = tensor(await testDevice(), values, [1, 1, 3, 5]);
    const y = adaptiveAvgPool2d(x, [2, 3]);
    expect([...(await y.data())]).toEqual([4, 5.5, 7, 9, 10.5, 12]);
    for (const each of [x, y]) each.dispose();
  });

  test('refuses what is no map or no size', async () => {
    const device = await testDevice();
    expect(() => adaptiveAvgPool2d(zeros(device, [2, 2]), 1)).toThrow(/\[N, C, H, W\]/);
    expect(() => adaptiveAvgPool2d(zeros(device, [1, 1, 2, 2]), 0)).toThrow(/output size .* is 0/);
  });
});

test('gradients agree with finite differences', async () => {
  const device = await testDevice();
  const array: NdArray = randomNormal([2, 3, 4, 5], xorshift(2));
  const x = tensor(device, Float32Array.from(array.data), array.shape);
  const result = await gradCheck(
    (a) => adaptiveAvgPool2d(upsample(upsample(a, { scale: 1.5 }), { size: 7, mode: 'bilinear' }), 3),
    [x],
    { samples: 8 },
  );
  expect(result.ok, result.report).toBe(true);
  x.dispose();
});
