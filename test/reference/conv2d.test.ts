/** @file Tests of the reference convolution: values by hand, gradients by finite differences. */

import { expect, test } from 'vitest';
import fc from '../support/fast-check.ts';
import { fromArray, type NdArray, randomNormal, xorshift } from './array.ts';
import {
  type Conv2dOptions,
  conv2d,
  conv2dGradBias,
  conv2dGradInput,
  conv2dGradWeight,
  conv2dOutputShape,
} from './conv2d.ts';
import { gradientError } from './finite-difference.ts';

const plain: Conv2dOptions = { stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1], groups: 1 };
const count = (shape: readonly number[], first = 1) =>
  fromArray(
    shape,
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i + first),
  );

test('a 2×2 kernel is not flipped', () => {
  const y = conv2d(count([1, 1, 3, 3]), fromArray([1, 1, 2, 2], [1, 10, 100, 1000]), plain);
  expect(y.shape).toEqual([1, 1, 2, 2]);
  // Row 1: 1 + 20 + 400 + 5000, 2 + 30 + 500 + 6000; row 2: 4 + 50 + 700 + 8000, 5 + 60 + 800 + 9000.
  expect([...y.data]).toEqual([5421, 6532, 8754, 9865]);
});

test('padding is [top, bottom, left, right]', () => {
  const x = count([1, 1, 2, 2]);
  const one = fromArray([1, 1, 1, 1], [1]);
  const y = conv2d(x, one, { ...plain, padding: [1, 0, 0, 2] });
  expect(y.shape).toEqual([1, 1, 3, 4]);
  expect([...y.data]).toEqual([0, 0, 0, 0, 1, 2, 0, 0, 3, 4, 0, 0]);
});

test('stride and dilation are [vertical, horizontal], and bias is added', () => {
  const x = count([1, 1, 4, 5]);
  const w = fromArray([1, 1, 2, 2], [1, 1, 1, 1]);
  const y = conv2d(x, w, { ...plain, stride: [2, 1], dilation: [1, 3] }, fromArray([1], [100]));
  // Rows 0 and 2; columns 0 and 1, each with the element below, and both three columns further.
  expect(y.shape).toEqual([1, 1, 2, 2]);
  expect([...y.data]).toEqual(
    [1 + 4 + 6 + 9, 2 + 5 + 7 + 10, 11 + 14 + 16 + 19, 12 + 15 + 17 + 20].map((v) => v + 100),
  );
});

test('groups split the channels in order', () => {
  const x = fromArray([1, 4, 1, 1], [1, 2, 3, 4]);
  const w = fromArray([4, 2, 1, 1], [1, 10, 100, 1000, 1, 10, 100, 1000]);
  const y = conv2d(x, w, { ...plain, groups: 2 });
  expect([...y.data]).toEqual([21, 2100, 43, 4300]);
});

test('a batch is convolved image by image and summed over in the weight and bias gradients', () => {
  const x = fromArray([2, 1, 1, 2], [1, 2, 3, 4]);
  const w = fromArray([1, 1, 1, 1], [5]);
  const dy = fromArray([2, 1, 1, 2], [1, 10, 100, 1000]);
  expect([...conv2d(x, w, plain).data]).toEqual([5, 10, 15, 20]);
  expect([...conv2dGradInput(dy, w, x.shape, plain).data]).toEqual([5, 50, 500, 5000]);
  expect([...conv2dGradWeight(dy, x, w.shape, plain).data]).toEqual([4321]);
  expect([...conv2dGradBias(dy).data]).toEqual([1111]);
});

test('the output shapes of the ResNet’s stem and of its strided convolutions', () => {
  const stem: Conv2dOptions = { ...plain, stride: [2, 2], padding: [3, 3, 3, 3] };
  expect(conv2dOutputShape([10, 3, 224, 224], [64, 3, 7, 7], stem)).toEqual([10, 64, 112, 112]);
  const strided: Conv2dOptions = { ...plain, stride: [2, 2], padding: [1, 1, 1, 1] };
  expect(conv2dOutputShape([1, 8, 7, 8], [16, 8, 3, 3], strided)).toEqual([1, 16, 4, 4]);
});

test('a weight that does not fit its groups is refused', () => {
  expect(() => conv2d(count([1, 3, 1, 1]), count([2, 1, 1, 1]), { ...plain, groups: 2 })).toThrow(
    'in 2 groups',
  );
});

interface Case {
  readonly input: readonly number[];
  readonly weight: readonly number[];
  readonly options: Conv2dOptions;
}

function convGradientError({ input, weight, options }: Case, seed: number): number {
  const next = xorshift(seed);
  const x = randomNormal(input, next);
  const w = randomNormal(weight, next);
  const b = randomNormal([weight[0]!], next);
  return gradientError(
    (x, w, b) => conv2d(x!, w!, options, b!),
    (dy: NdArray) => [
      conv2dGradInput(dy, w, input, options),
      conv2dGradWeight(dy, x, weight, options),
      conv2dGradBias(dy),
    ],
    [x, w, b],
    next,
  );
}

test.each<[string, Case]>([
  ['1×1 map', { input: [1, 5, 1, 1], weight: [3, 5, 1, 1], options: plain }],
  [
    '1×1 map in the midst of a 3×3 kernel',
    { input: [2, 3, 1, 1], weight: [2, 3, 3, 3], options: { ...plain, padding: [1, 1, 1, 1] } },
  ],
  [
    'stride beyond the kernel',
    { input: [1, 3, 7, 8], weight: [2, 3, 1, 2], options: { ...plain, stride: [3, 4] } },
  ],
  [
    'depthwise',
    { input: [2, 5, 4, 3], weight: [5, 1, 3, 3], options: { ...plain, groups: 5, padding: [1, 1, 1, 1] } },
  ],
  [
    'depthwise with multiplier',
    { input: [1, 3, 4, 4], weight: [6, 1, 2, 2], options: { ...plain, groups: 3 } },
  ],
  [
    '7×7, stride 2',
    {
      input: [1, 3, 9, 8],
      weight: [2, 3, 7, 7],
      options: { ...plain, stride: [2, 2], padding: [3, 3, 3, 3] },
    },
  ],
  [
    'asymmetric padding, dilation',
    {
      input: [2, 2, 5, 6],
      weight: [3, 2, 2, 3],
      options: { ...plain, padding: [2, 0, 1, 3], dilation: [3, 2] },
    },
  ],
])('gradients: %s', (_, geometry) => {
  expect(convGradientError(geometry, 1)).toBeLessThan(1e-7);
});

test('gradients of random geometries', () => {
  const pair = (max: number) => fc.tuple(fc.integer({ min: 1, max }), fc.integer({ min: 1, max }));
  const side = fc.integer({ min: 0, max: 2 });
  const geometry = fc
    .record({
      batch: fc.integer({ min: 1, max: 2 }),
      groups: fc.integer({ min: 1, max: 3 }),
      channels: pair(2),
      image: pair(6),
      kernel: pair(3),
      stride: pair(4),
      dilation: pair(3),
      padding: fc.tuple(side, side, side, side),
    })
    .map(
      ({ batch, groups, channels, image, kernel, stride, dilation, padding }): Case => ({
        input: [batch, groups * channels[0], ...image],
        weight: [groups * channels[1], channels[0], ...kernel],
        options: { stride, padding, dilation, groups },
      }),
    )
    .filter(({ input, weight, options }) => Math.min(...conv2dOutputShape(input, weight, options)) > 0);
  fc.assert(
    fc.property(geometry, fc.nat(), (drawn, seed) => {
      expect(convGradientError(drawn, seed)).toBeLessThan(1e-7);
    }),
    { numRuns: 60 },
  );
});
