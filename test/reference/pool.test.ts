/** @file Tests of the reference poolings: values by hand, gradients by finite differences. */

import { expect, test } from 'vitest';
import fc from '../support/fast-check.ts';
import { fromArray, type NdArray, randomDistinct, scaledMaxError, xorshift } from './array.ts';
import { averagePools } from './average-pools.ts';
import { gradientError } from './finite-difference.ts';
import { type PoolOptions, pool, poolBackward, poolOutputShape } from './pool.ts';

const base: PoolOptions = { type: 'max', kernel: [2, 2], stride: [2, 2], padding: [0, 0, 0, 0] };
const count = (height: number, width: number) =>
  fromArray(
    [1, 1, height, width],
    Array.from({ length: height * width }, (_, i) => i + 1),
  );
const values = (array: NdArray) => [...array.data];

test('windows of 3×5, floor and ceil', () => {
  const x = count(3, 5);
  expect(pool(x, base).shape).toEqual([1, 1, 1, 2]);
  expect(values(pool(x, base))).toEqual([7, 9]);
  expect(pool(x, { ...base, ceilMode: true }).shape).toEqual([1, 1, 2, 3]);
  expect(values(pool(x, { ...base, ceilMode: true }))).toEqual([7, 9, 10, 12, 14, 15]);
  expect(values(pool(x, { ...base, type: 'avg' }))).toEqual([4, 6]);
  expect(values(pool(x, { ...base, type: 'avg', ceilMode: true }))).toEqual([4, 6, 7.5, 11.5, 13.5, 15]);
});

test('an inclusive average counts what lies in the padded image, an exclusive one what lies in the image', () => {
  const x = count(2, 2);
  const padded: PoolOptions = { ...base, type: 'avg', padding: [1, 1, 1, 1] };
  expect(values(pool(x, padded))).toEqual([1, 2, 3, 4]);
  expect(values(pool(x, { ...padded, exclusive: false }))).toEqual([0.25, 0.5, 0.75, 1]);
  expect(
    values(pool(count(1, 3), { ...base, type: 'avg', kernel: [1, 2], ceilMode: true, exclusive: false })),
  ).toEqual([1.5, 3]);
});

test.each(Object.entries(averagePools))(
  'inclusive averages in ceil mode are PyTorch’s: %s',
  (_, { image, ...expected }) => {
    const options = { ...base, ...expected, type: 'avg', ceilMode: true, exclusive: false } as const;
    const x = count(...image);
    const y = pool(x, options);
    expect(scaledMaxError(y, fromArray(y.shape, expected.y))).toBeLessThan(1e-6);
    const dx = poolBackward(x, count(y.shape[2]!, y.shape[3]!), options);
    expect(scaledMaxError(dx, fromArray(x.shape, expected.dx))).toBeLessThan(1e-6);
  },
);

test('padding is [top, bottom, left, right] and never the maximum', () => {
  const x = fromArray([1, 1, 2, 2], [-1, -2, -3, -4]);
  const y = pool(x, { ...base, kernel: [2, 2], stride: [1, 1], padding: [1, 0, 0, 1] });
  expect(y.shape).toEqual([1, 1, 2, 2]);
  expect(values(y)).toEqual([-1, -2, -1, -2]);
});

test('the stem’s pooling: 3×3, stride 2, padding 1', () => {
  const options: PoolOptions = { ...base, kernel: [3, 3], padding: [1, 1, 1, 1] };
  expect(poolOutputShape([1, 64, 112, 112], options)).toEqual([1, 64, 56, 56]);
  expect(values(pool(count(4, 4), options))).toEqual([6, 8, 14, 16]);
});

test('the first of equal maxima gets the gradient, and overlapping windows add up', () => {
  const x = fromArray([1, 1, 2, 3], [1, 7, 7, 7, 7, 1]);
  const dy = fromArray([1, 1, 1, 2], [10, 100]);
  expect(values(poolBackward(x, dy, { ...base, stride: [1, 1] }))).toEqual([0, 110, 0, 0, 0, 0]);
});

test('the gradient of an average is spread evenly over what was counted', () => {
  const dy = fromArray([1, 1, 1, 2], [6, 8]);
  const options: PoolOptions = { ...base, type: 'avg', kernel: [1, 2], ceilMode: true };
  expect(values(poolBackward(count(1, 3), dy, options))).toEqual([3, 3, 8]);
  expect(values(poolBackward(count(1, 3), dy, { ...options, exclusive: false }))).toEqual([3, 3, 8]);
});

test('global pooling covers the whole image, channel by channel, whatever kernel and padding say', () => {
  const x = fromArray([1, 2, 2, 2], [1, 2, 3, 6, 10, 20, 30, 60]);
  const global: PoolOptions = { ...base, type: 'avg', padding: [1, 1, 1, 1], global: true };
  expect(pool(x, global).shape).toEqual([1, 2, 1, 1]);
  expect(values(pool(x, global))).toEqual([3, 30]);
  expect(values(pool(x, { ...global, type: 'max' }))).toEqual([6, 60]);
  expect(values(poolBackward(x, fromArray([1, 2, 1, 1], [4, 8]), global))).toEqual([1, 1, 1, 1, 2, 2, 2, 2]);
});

test('a window without an element gives the lowest float32, or 0, and no gradient', () => {
  const options: PoolOptions = {
    ...base,
    padding: [0, 0, 1, 1],
    kernel: [1, 2],
    stride: [1, 2],
    ceilMode: true,
  };
  const x = count(1, 3);
  expect(values(pool(x, options))).toEqual([1, 3, -3.4028234663852886e38]);
  expect(values(pool(x, { ...options, type: 'avg' }))).toEqual([1, 2.5, 0]);
  const dy = fromArray([1, 1, 1, 3], [1, 2, 4]);
  expect(values(poolBackward(x, dy, options))).toEqual([1, 0, 2]);
  expect(values(poolBackward(x, dy, { ...options, type: 'avg' }))).toEqual([1, 1, 1]);
});

test('gradients of random geometries', () => {
  const pair = (max: number) => fc.tuple(fc.integer({ min: 1, max }), fc.integer({ min: 1, max }));
  const side = fc.integer({ min: 0, max: 2 });
  const drawn = fc
    .record({
      shape: fc.tuple(pair(3), pair(7)).map(([[n, c], image]) => [n, c, ...image]),
      options: fc.record({
        type: fc.constantFrom('max' as const, 'avg' as const),
        kernel: pair(4),
        stride: pair(5),
        padding: fc.tuple(side, side, side, side),
        ceilMode: fc.boolean(),
        exclusive: fc.boolean(),
        global: fc.boolean(),
      }),
    })
    .filter(({ shape, options }) => Math.min(...poolOutputShape(shape, options)) > 0);
  fc.assert(
    fc.property(drawn, fc.nat(), ({ shape, options }, seed) => {
      const next = xorshift(seed);
      const x = randomDistinct(shape, next);
      // A window without an element gives −FLT_MAX, beside which no difference can be seen: leave it out.
      const forward = (x?: NdArray) => {
        const y = pool(x!, options);
        return { shape: y.shape, data: y.data.map((value) => (value < -1e38 ? 0 : value)) };
      };
      const error = gradientError(forward, (dy) => [poolBackward(x, dy, options)], [x], next);
      expect(error).toBeLessThan(1e-7);
    }),
    { numRuns: 200 },
  );
});
