import { describe, expect, test } from 'vitest';
import {
  type Conv2dAttributes,
  conv2dGeometry,
  conv2dInputShape,
  conv2dMultiplyAdds,
  conv2dOutputShape,
  conv2dWeightShape,
  groupsAreAligned,
  isPointwise,
} from '../../src/shape/conv2d.ts';
import type { Shape } from '../../src/shape/shape.ts';

const refusal = (code: string, message: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(message) });

const full = () =>
  conv2dGeometry([2, 6, 21, 19], [9, 2, 3, 5], {
    stride: [2, 3],
    padding: [1, 2, 3, 4],
    dilation: [4, 2],
    groups: 3,
  });

test('a geometry holds every number', () => {
  expect(full()).toEqual({
    batch: 2,
    inChannels: 6,
    inHeight: 21,
    inWidth: 19,
    outChannels: 9,
    outHeight: Math.floor((21 + 3 - 9) / 2) + 1,
    outWidth: Math.floor((19 + 7 - 9) / 3) + 1,
    kernelHeight: 3,
    kernelWidth: 5,
    strideY: 2,
    strideX: 3,
    padTop: 1,
    padLeft: 3,
    dilationY: 4,
    dilationX: 2,
    groups: 3,
  });
});

test('its shapes are those that it was made of', () => {
  expect(conv2dInputShape(full())).toEqual([2, 6, 21, 19]);
  expect(conv2dWeightShape(full())).toEqual([9, 2, 3, 5]);
  expect(conv2dOutputShape(full())).toEqual([2, 9, 8, 6]);
});

test('by default the window moves by 1, without padding, dilation or groups', () => {
  const g = conv2dGeometry([1, 4, 5, 6], [8, 4, 2, 3]);
  expect(g).toMatchObject({
    strideY: 1,
    strideX: 1,
    padTop: 0,
    padLeft: 0,
    dilationY: 1,
    dilationX: 1,
    groups: 1,
  });
  expect(conv2dOutputShape(g)).toEqual([1, 8, 4, 4]);
});

test('a window as large as the padded image has one place', () => {
  expect(conv2dOutputShape(conv2dGeometry([1, 1, 3, 4], [1, 1, 5, 4], { padding: [1, 0] }))).toEqual([
    1, 1, 1, 1,
  ]);
});

describe('it is refused', () => {
  const cases: [Shape, Shape, Conv2dAttributes, string, string][] = [
    [[1, 4, 5], [8, 4, 3, 3], {}, 'shape-mismatch', 'got [1, 4, 5] and [8, 4, 3, 3]'],
    [
      [1, 4, 5, 5],
      [8, 4, 3],
      {},
      'shape-mismatch',
      'conv2d takes an input [N, C, H, W] and a weight [out, in / groups, kh, kw]',
    ],
    [
      [1, 4, 5, 5],
      [8, 3, 3, 3],
      {},
      'shape-mismatch',
      'conv2d: the input [1, 4, 5, 5] has 4 channels, the weight [8, 3, 3, 3] with 1 groups takes 3',
    ],
    [[1, 4, 5, 5], [8, 4, 3, 3], { groups: 2 }, 'shape-mismatch', 'with 2 groups takes 8'],
    [
      [1, 4, 5, 5],
      [9, 2, 3, 3],
      { groups: 2 },
      'shape-mismatch',
      'conv2d: 9 output channels do not divide into 2 groups',
    ],
    [
      [1, 4, 2, 5],
      [8, 4, 3, 3],
      {},
      'shape-mismatch',
      'conv2d: the window of height 3 does not fit into the padded image of height 2',
    ],
    [
      [1, 4, 5, 2],
      [8, 4, 3, 3],
      { dilation: 2, padding: [1, 1] },
      'shape-mismatch',
      'the window of width 5 does not fit into the padded image of width 4: pad more or use a larger image',
    ],
    [[1, 4, 5, 5], [8, 4, 3, 3], { stride: 0 }, 'invalid-argument', "conv2d's stride is 0"],
    [[1, 4, 5, 5], [8, 4, 3, 3], { dilation: [1, 0] }, 'invalid-argument', "conv2d's dilation is [1, 0]"],
    [[1, 4, 5, 5], [8, 4, 3, 3], { padding: -1 }, 'invalid-argument', "conv2d's padding is -1"],
    [[1, 4, 5, 5], [8, 4, 3, 3], { groups: 0 }, 'invalid-argument', 'the number of groups of conv2d is 0'],
  ];
  test.each(cases)('%j, %j, %j', (input, weight, options, code, message) => {
    expect(() => conv2dGeometry(input, weight, options)).toThrow(refusal(code, message));
  });
});

describe('a plain product of matrices', () => {
  const pointwise = (input: Shape, kernel: readonly [number, number], options: Conv2dAttributes = {}) =>
    isPointwise(conv2dGeometry(input, [8, 4, ...kernel], options));

  test('is one tap, moved by 1', () => {
    expect(pointwise([2, 4, 5, 6], [1, 1])).toBe(true);
    expect(pointwise([2, 4, 5, 6], [1, 1], { dilation: 3 })).toBe(true);
  });

  test.each<[readonly [number, number], Conv2dAttributes]>([
    [[2, 1], {}],
    [[1, 2], {}],
    [[1, 1], { stride: [2, 1] }],
    [[1, 1], { stride: [1, 2] }],
    [[1, 1], { padding: [1, 0, 0, 0] }],
    [[1, 1], { padding: [0, 0, 1, 0] }],
    [[1, 1], { padding: [0, 1, 0, 0] }],
    [[1, 1], { padding: [0, 0, 0, 1] }],
    [[2, 1], { padding: [0, 1, 0, 0] }],
    [[1, 2], { padding: [0, 0, 0, 1] }],
    [[2, 1], { padding: [1, 0, 0, 0] }],
    [[1, 2], { padding: [0, 0, 1, 0] }],
  ])('%j, %j is none', (kernel, options) => {
    expect(pointwise([2, 4, 5, 6], kernel, options)).toBe(false);
  });

  test('nor is a stride on a map of one pixel', () => {
    expect(pointwise([1, 4, 1, 1], [1, 1], { stride: [2, 1] })).toBe(false);
    expect(pointwise([1, 4, 1, 1], [1, 1], { stride: [1, 2] })).toBe(false);
  });
});

test.each([
  [5, 7, 1, true],
  [8, 16, 2, true],
  [4, 16, 2, false],
  [16, 4, 2, false],
  [6, 6, 3, false],
  [12, 12, 3, true],
])('%i to %i channels in %i groups are aligned: %s', (inChannels, outChannels, groups, aligned) => {
  const g = conv2dGeometry([1, inChannels, 3, 3], [outChannels, inChannels / groups, 1, 1], { groups });
  expect(groupsAreAligned(g)).toBe(aligned);
});

test('multiply-adds are outputs times what each sums', () => {
  expect(conv2dMultiplyAdds(full())).toBe(2 * 9 * 8 * 6 * (3 * 5 * 2));
});
