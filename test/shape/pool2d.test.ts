import { describe, expect, test } from 'vitest';
import { inputShape, outputShape } from '../../src/shape/maps.ts';
import { type Pool2dAttributes, pool2dGeometry } from '../../src/shape/pool2d.ts';
import type { Shape } from '../../src/shape/shape.ts';

const refusal = (code: string, message: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(message) });

test('a geometry holds every number', () => {
  const g = pool2dGeometry([2, 5, 13, 12], { kernel: [4, 5], stride: [3, 2], padding: [1, 2, 3, 4] });
  expect(g).toMatchObject({
    batch: 2,
    channels: 5,
    inHeight: 13,
    inWidth: 12,
    outHeight: Math.floor((13 + 3 - 4) / 3) + 1,
    outWidth: Math.floor((12 + 7 - 5) / 2) + 1,
    kernelHeight: 4,
    kernelWidth: 5,
    strideY: 3,
    strideX: 2,
    padTop: 1,
    padLeft: 3,
  });
  expect(inputShape(g)).toEqual([2, 5, 13, 12]);
  expect(outputShape(g)).toEqual([2, 5, 5, 8]);
});

test('by default the window moves by its own size, without padding, and extents are rounded down', () => {
  expect(pool2dGeometry([1, 2, 5, 5], { kernel: 2, stride: 2 }).outHeight).toBe(2);
  const g = pool2dGeometry([1, 2, 5, 7], { kernel: [2, 3] });
  expect(g).toMatchObject({ strideY: 2, strideX: 3, padTop: 0, padLeft: 0, outHeight: 2, outWidth: 2 });
});

test('a window as large as the image has one place', () => {
  expect(outputShape(pool2dGeometry([1, 2, 5, 6], { kernel: [5, 6], stride: 2 }))).toEqual([1, 2, 1, 1]);
});

test('a global pooling is one window over the image, whatever else is said', () => {
  const g = pool2dGeometry([2, 5, 13, 12], {
    global: true,
    kernel: 2,
    stride: 3,
    padding: 1,
    ceilMode: true,
  });
  expect(g).toMatchObject({
    batch: 2,
    channels: 5,
    inHeight: 13,
    inWidth: 12,
    outHeight: 1,
    outWidth: 1,
    kernelHeight: 13,
    kernelWidth: 12,
    strideY: 1,
    strideX: 1,
    padTop: 0,
    padLeft: 0,
  });
});

test.each([
  [5, false, 2],
  [5, true, 3],
  [6, true, 3],
  [6, false, 3],
  [7, false, 3],
  [7, true, 4],
])('an extent of %i in ceil mode %s has %i outputs', (extent, ceilMode, outputs) => {
  const g = pool2dGeometry([1, 1, extent, extent], { kernel: 2, stride: 2, ceilMode });
  expect([g.outHeight, g.outWidth]).toEqual([outputs, outputs]);
});

describe('it is refused', () => {
  const image: Shape = [1, 1, 5, 5];
  const cases: [Shape, Pool2dAttributes, string, string][] = [
    [[1, 5, 5], { kernel: 2 }, 'shape-mismatch', 'pooling takes an input [N, C, H, W], got [1, 5, 5]'],
    [image, {}, 'invalid-argument', 'pooling needs a kernel size: give `kernel`, or `global: true`'],
    [image, { kernel: 0 }, 'invalid-argument', "pooling's kernel is 0"],
    [image, { kernel: 2, stride: 0 }, 'invalid-argument', "pooling's stride is 0"],
    [image, { kernel: 2, padding: -1 }, 'invalid-argument', "pooling's padding is -1"],
    [
      image,
      { kernel: [2, 3], padding: [2, 0, 0, 0] },
      'invalid-argument',
      "pooling's padding 2 is not smaller than the window's height 2: some windows would be empty",
    ],
    [image, { kernel: [2, 3], padding: [0, 2, 0, 0] }, 'invalid-argument', "the window's height 2"],
    [image, { kernel: [3, 2], padding: [0, 0, 2, 0] }, 'invalid-argument', "the window's width 2"],
    [image, { kernel: [3, 2], padding: [0, 0, 0, 2] }, 'invalid-argument', "the window's width 2"],
    [
      image,
      { kernel: [6, 2] },
      'shape-mismatch',
      'pooling: the window of height 6 does not fit into the padded image of height 5',
    ],
    [
      image,
      { kernel: [2, 9], padding: [0, 0, 1, 2] },
      'shape-mismatch',
      'the window of width 9 does not fit into the padded image of width 8',
    ],
  ];
  test.each(cases)('%j, %j', (input, options, code, message) => {
    expect(() => pool2dGeometry(input, options)).toThrow(refusal(code, message));
  });

  test('where the last window begins beyond the image', () => {
    const options = { kernel: 2, stride: 4, padding: [0, 1, 0, 0], ceilMode: true } as const;
    expect(() => pool2dGeometry([1, 1, 4, 5], options)).toThrow(
      refusal(
        'shape-mismatch',
        'pooling: the last window of height 2 begins at 4, beyond the image of height 4',
      ),
    );
    expect(pool2dGeometry([1, 1, 5, 5], options).outHeight).toBe(2);
    const padded = { kernel: 3, stride: 4, padding: [2, 1, 0, 0], ceilMode: true } as const;
    expect(pool2dGeometry([1, 1, 3, 5], padded).outHeight).toBe(2);
    expect(() => pool2dGeometry([1, 1, 2, 5], padded)).toThrow('begins at 2, beyond the image of height 2');
  });
});
