/**
 * @file Convolutions to test: the awkward ones by name, and random ones.
 */

import type { Conv2dAttributes } from '../../src/shape/conv2d.ts';
import type { Shape } from '../../src/shape/shape.ts';
import type { Padding, Pair } from '../../src/shape/window.ts';
import type { Shape4 } from '../reference/array.ts';
import type { Conv2dOptions } from '../reference/conv2d.ts';
import fc from './fast-check.ts';

/** A convolution. */
export interface Conv2dCase {
  readonly input: Shape;
  readonly weight: Shape;
  readonly options: Conv2dAttributes;
}

const conv = (input: Shape, weight: Shape, options: Conv2dAttributes = {}): Conv2dCase => ({
  input,
  weight,
  options,
});

const pairOf = (value: Pair) => (typeof value === 'number' ? ([value, value] as const) : value);

function sidesOf(padding: Padding): Shape4 {
  if (typeof padding !== 'number' && padding.length === 4) return padding;
  const [y, x] = pairOf(padding);
  return [y, y, x, x];
}

/** The options of a case as the reference takes them. */
export function referenceOptions({ options }: Conv2dCase): Conv2dOptions {
  const { stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
  return { stride: pairOf(stride), padding: sidesOf(padding), dilation: pairOf(dilation), groups };
}

/** Convolutions that break kernels. */
export const awkwardConvolutions: Readonly<Record<string, Conv2dCase>> = {
  'one pixel': conv([1, 4, 1, 1], [8, 4, 1, 1]),
  'pointwise, odd size': conv([3, 8, 5, 7], [12, 8, 1, 1]),
  'pointwise with stride': conv([2, 8, 7, 7], [16, 8, 1, 1], { stride: 2 }),
  'channels no multiple of 4': conv([2, 5, 6, 5], [7, 5, 3, 3], { padding: 1 }),
  'the stem': conv([2, 3, 21, 19], [16, 3, 7, 7], { stride: 2, padding: 3 }),
  'three by three': conv([2, 16, 9, 9], [32, 16, 3, 3], { padding: 1 }),
  'three by three, stride 2': conv([1, 8, 10, 9], [8, 8, 3, 3], { stride: 2, padding: 1 }),
  'a stride beyond the kernel': conv([2, 4, 11, 13], [4, 4, 2, 3], { stride: [4, 5] }),
  'a dilated window': conv([1, 8, 12, 12], [8, 8, 3, 3], { dilation: [2, 3], padding: 2 }),
  'each side its own padding': conv([1, 4, 6, 6], [8, 4, 3, 2], { padding: [0, 2, 1, 3] }),
  'a window as large as the image': conv([2, 4, 5, 6], [8, 4, 5, 6]),
  'padding beyond the kernel': conv([1, 4, 3, 3], [4, 4, 2, 2], { padding: 3 }),
  'aligned groups': conv([2, 16, 6, 6], [24, 8, 3, 3], { groups: 2, padding: 1 }),
  'many aligned groups': conv([1, 32, 5, 5], [32, 4, 3, 3], { groups: 8, padding: 1, stride: 2 }),
  'groups of four': conv([2, 12, 13, 9], [12, 4, 3, 3], { groups: 3, padding: 1 }),
  'groups of four, dilated and strided': conv([1, 8, 12, 15], [8, 4, 3, 2], {
    groups: 2,
    dilation: [2, 3],
    stride: [3, 2],
    padding: [2, 0, 3, 1],
  }),
  'groups of four, many rows': conv([1, 4, 70, 5], [4, 4, 3, 1], { padding: 1 }),
  'groups that share vec4s': conv([2, 6, 7, 5], [9, 2, 3, 3], { groups: 3, padding: 1 }),
  depthwise: conv([2, 10, 8, 8], [10, 1, 3, 3], { groups: 10, padding: 1, stride: 2 }),
  'depthwise, stride 1': conv([2, 5, 9, 7], [5, 1, 3, 3], { groups: 5, padding: 1 }),
  'depthwise, one tap': conv([3, 10, 5, 3], [10, 1, 1, 1], { groups: 10 }),
  'depthwise, a large window': conv([1, 6, 17, 9], [6, 1, 7, 7], { groups: 6, padding: 3 }),
  'depthwise, dilated and strided': conv([2, 4, 12, 11], [4, 1, 3, 2], {
    groups: 4,
    dilation: [3, 2],
    stride: [2, 3],
    padding: [0, 3, 4, 1],
  }),
  'depthwise, a stride beyond the kernel': conv([1, 5, 11, 13], [5, 1, 2, 1], { groups: 5, stride: [3, 4] }),
  'depthwise with a multiplier': conv([1, 5, 6, 6], [10, 1, 3, 3], { groups: 5 }),
  'a long sum of pixels': conv([4, 4, 40, 40], [4, 4, 1, 1]),
  'many channels': conv([1, 68, 4, 4], [132, 68, 3, 3], { padding: 1 }),
  'long sums of products': conv([1, 260, 3, 3], [236, 260, 3, 3], { padding: 1 }),
};

/** Any convolution whose window fits. */
export const arbitraryConvolution: fc.Arbitrary<Conv2dCase> = fc
  .record({
    batch: fc.integer({ min: 1, max: 3 }),
    groups: fc.constantFrom(1, 1, 1, 2, 3),
    group: fc.oneof(
      fc.constantFrom<[number, number]>([1, 1], [4, 4]),
      fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 })),
    ),
    size: fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 })),
    kernel: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
    stride: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
    dilation: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    padding: fc.tuple(...Array.from({ length: 4 }, () => fc.integer({ min: 0, max: 3 }))),
  })
  .filter(({ size, kernel, dilation, padding }) => {
    const fits = (axis: 0 | 1) =>
      size[axis] + padding[2 * axis]! + padding[2 * axis + 1]! >= dilation[axis] * (kernel[axis] - 1) + 1;
    return fits(0) && fits(1);
  })
  .map(({ batch, groups, group: [groupIn, groupOut], size, kernel, stride, dilation, padding }) =>
    conv([batch, groups * groupIn, ...size], [groups * groupOut, groupIn, ...kernel], {
      stride,
      dilation,
      groups,
      padding: padding as [number, number, number, number],
    }),
  );
