import { describe, expect, test } from 'vitest';
import {
  channelBlocks,
  checkLayout,
  defaultLayout,
  memoryAxes,
  memorySize,
  memoryStrides,
  pack,
  sameMemory,
  unpack,
} from '../../src/shape/layout.ts';
import { sizeOf } from '../../src/shape/shape.ts';

const SHAPE = [2, 3, 5, 7];

test('the layout of rank 4 is that of images', () => {
  expect([[], [2], [2, 3, 4], SHAPE, [1, 1, 1, 1, 1]].map(defaultLayout)).toEqual([
    'row-major',
    'row-major',
    'row-major',
    'channels-last',
    'row-major',
  ]);
});

test('only rank 4 has a layout of its own', () => {
  expect(() => checkLayout(SHAPE, 'filter')).not.toThrow();
  expect(() => checkLayout([2, 3], 'row-major')).not.toThrow();
  expect(() => checkLayout([2, 3], 'filter')).toThrow(
    expect.objectContaining({
      code: 'invalid-argument',
      message: "layout 'filter' needs a tensor of rank 4, the shape is [2, 3]",
    }),
  );
});

describe('the axes in memory', () => {
  test('of a row-major tensor are those of its shape', () => {
    expect(memoryAxes([2, 3], 'row-major')).toEqual([
      { axis: 0, extent: 2, padded: 2, stride: 3 },
      { axis: 1, extent: 3, padded: 3, stride: 1 },
    ]);
  });

  test('of images are batch, height, width and padded channels', () => {
    expect(memoryAxes(SHAPE, 'channels-last')).toEqual([
      { axis: 0, extent: 2, padded: 2, stride: 140 },
      { axis: 2, extent: 5, padded: 5, stride: 28 },
      { axis: 3, extent: 7, padded: 7, stride: 4 },
      { axis: 1, extent: 3, padded: 4, stride: 1 },
    ]);
  });

  test('of a filter are its window, padded inputs and padded outputs', () => {
    expect(memoryAxes([6, 3, 5, 7], 'filter')).toEqual([
      { axis: 2, extent: 5, padded: 5, stride: 7 * 4 * 8 },
      { axis: 3, extent: 7, padded: 7, stride: 4 * 8 },
      { axis: 1, extent: 3, padded: 4, stride: 8 },
      { axis: 0, extent: 6, padded: 8, stride: 1 },
    ]);
  });
});

test('sizes and strides are those of the axes', () => {
  expect(memorySize(SHAPE, 'row-major')).toBe(210);
  expect(memorySize(SHAPE, 'channels-last')).toBe(2 * 5 * 7 * 4);
  expect(memorySize([6, 3, 5, 7], 'filter')).toBe(5 * 7 * 4 * 8);
  expect(memoryStrides(SHAPE, 'row-major')).toEqual([105, 35, 7, 1]);
  expect(memoryStrides(SHAPE, 'channels-last')).toEqual([140, 1, 28, 4]);
  expect(memoryStrides([6, 3, 5, 7], 'filter')).toEqual([1, 8, 224, 32]);
});

test('layouts share memory where they order and pad alike', () => {
  expect(sameMemory(SHAPE, 'filter', 'filter')).toBe(true);
  expect(sameMemory([2, 4, 1, 1], 'row-major', 'channels-last')).toBe(true);
  expect(sameMemory([2, 3, 1, 1], 'row-major', 'channels-last')).toBe(false);
  expect(sameMemory([2, 4, 5, 1], 'row-major', 'channels-last')).toBe(false);
  expect(sameMemory([4, 1, 1, 1], 'row-major', 'channels-last')).toBe(false);
  expect(sameMemory([1, 4, 5, 7], 'channels-last', 'row-major')).toBe(false);
});

test('channels come in fours', () => {
  expect([1, 4, 5, 8].map(channelBlocks)).toEqual([1, 1, 2, 2]);
});

describe('packing', () => {
  test('puts channels last, padded by zeros', () => {
    const values = Float32Array.from({ length: 6 }, (_, i) => i + 1);
    const packed = pack(values, [1, 3, 1, 2], 'channels-last');
    expect([...packed]).toEqual([1, 3, 5, 0, 2, 4, 6, 0]);
    expect([...unpack(packed, [1, 3, 1, 2], 'channels-last')]).toEqual([...values]);
  });

  test('turns a filter, padded on both sides', () => {
    const values = Int32Array.from([1, 2, 3, 4]);
    const packed = pack(values, [2, 1, 1, 2], 'filter');
    const zeros = new Array<number>(12).fill(0);
    expect([...packed]).toEqual([1, 3, 0, 0, ...zeros, 2, 4, 0, 0, ...zeros]);
    expect(packed).toBeInstanceOf(Int32Array);
    expect(unpack(packed, [2, 1, 1, 2], 'filter')).toEqual(values);
  });

  test.each(['channels-last', 'filter'] as const)('%s keeps every element', (layout) => {
    const values = Uint32Array.from({ length: sizeOf(SHAPE) }, (_, i) => i);
    const strides = memoryStrides(SHAPE, layout);
    const packed = pack(values, SHAPE, layout);
    const [s0, s1, s2, s3] = strides as [number, number, number, number];
    expect(packed[1 * s0 + 2 * s1 + 3 * s2 + 4 * s3]).toBe(1 * 105 + 2 * 35 + 3 * 7 + 4);
    expect(unpack(packed, SHAPE, layout)).toEqual(values);
  });

  test('leaves a row-major tensor as it is, and cuts its tail', () => {
    const values = Float32Array.from([1, 2, 3, 4]);
    expect(pack(values, [3], 'row-major')).toBe(values);
    expect([...unpack(values, [3], 'row-major')]).toEqual([1, 2, 3]);
  });
});
