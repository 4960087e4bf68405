import { describe, expect, test } from 'vitest';
import {
  broadcastShapes,
  ceilDivide,
  checkIndexable,
  checkShape,
  formatShape,
  greatestCommonDivisor,
  INDEX_LIMIT,
  normalizeAxis,
  roundUp,
  type Shape,
  sameShape,
  sizeOf,
} from '../../src/shape/shape.ts';

const refusal = (code: string, message: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(message) });

test('the size of a shape is the product of its extents, 1 of a scalar', () => {
  expect([sizeOf([]), sizeOf([5]), sizeOf([2, 3, 4])]).toEqual([1, 5, 24]);
});

test('shapes as text', () => {
  expect([formatShape([]), formatShape([2, 3])]).toEqual(['[]', '[2, 3]']);
});

test.each<[Shape, Shape, boolean]>([
  [[2, 3], [2, 3], true],
  [[], [], true],
  [[2, 3], [3, 2], false],
  [[2, 3], [2, 4], false],
  [[1, 3], [2, 3], false],
  [[2], [2, 3], false],
  [[2, 3], [2], false],
])('%j and %j are the same: %s', (a, b, same) => {
  expect(sameShape(a, b)).toBe(same);
});

describe('a shape', () => {
  test.each<[Shape]>([[[]], [[1]], [[7, 1, 3]], [[INDEX_LIMIT - 1]]])('%j is one', (shape) => {
    expect(() => checkShape(shape)).not.toThrow();
  });

  test.each<[Shape]>([[[0]], [[2, -1]], [[1.5]], [[2, Number.NaN]], [[3, 0, 2]]])('%j is none', (shape) => {
    const message = `the weight is ${formatShape(shape)}: every extent must be a whole number of at least 1`;
    expect(() => checkShape(shape, 'the weight')).toThrow(refusal('invalid-argument', message));
  });

  test('is called the shape unless it has a name', () => {
    expect(() => checkShape([0])).toThrow('the shape is [0]');
  });

  test('has fewer elements than an index can name', () => {
    const message = 'the shape [65536, 32768] has 2147483648 elements, kernels index fewer than 2147483648';
    expect(() => checkShape([2 ** 16, 2 ** 15])).toThrow(refusal('unsupported', message));
  });
});

test('what can be indexed', () => {
  expect(() => checkIndexable(INDEX_LIMIT - 1, 'x')).not.toThrow();
  const message = 'x has 2147483648 elements, kernels index fewer than 2147483648: use a smaller batch';
  expect(() => checkIndexable(INDEX_LIMIT, 'x')).toThrow(refusal('unsupported', message));
  expect(() => checkIndexable(INDEX_LIMIT, () => 'x')).toThrow(refusal('unsupported', message));
});

test('rounding up', () => {
  expect([ceilDivide(0, 4), ceilDivide(1, 4), ceilDivide(4, 4), ceilDivide(9, 4)]).toEqual([0, 1, 1, 3]);
  expect([roundUp(0, 4), roundUp(1, 4), roundUp(4, 4), roundUp(9, 4)]).toEqual([0, 4, 4, 12]);
});

test('the greatest common divisor', () => {
  const pairs = [
    [12, 18],
    [18, 12],
    [7, 3],
    [4, 4],
    [5, 0],
  ] as const;
  expect(pairs.map(([a, b]) => greatestCommonDivisor(a, b))).toEqual([6, 6, 1, 4, 5]);
});

describe('broadcasting', () => {
  test.each<[Shape, Shape, Shape]>([
    [
      [2, 3],
      [2, 3],
      [2, 3],
    ],
    [[2, 3], [3], [2, 3]],
    [[3], [2, 3], [2, 3]],
    [
      [2, 1],
      [1, 3],
      [2, 3],
    ],
    [[], [4], [4]],
    [[4], [], [4]],
    [[1], [1], [1]],
    [
      [5, 1, 3, 1],
      [2, 1, 7],
      [5, 2, 3, 7],
    ],
  ])('%j and %j give %j', (a, b, shape) => {
    expect(broadcastShapes(a, b)).toEqual(shape);
  });

  test.each<[Shape, Shape, string]>([
    [
      [2, 3],
      [2],
      'shapes [2, 3] and [2] do not broadcast: axis 1 is 3 and 2, they must be equal or one of them 1',
    ],
    [[4, 3], [2, 3], 'axis 0 is 4 and 2'],
    [[2], [3], 'axis 0 is 2 and 3'],
  ])('%j and %j do not agree', (a, b, message) => {
    expect(() => broadcastShapes(a, b)).toThrow(refusal('shape-mismatch', message));
  });
});

describe('an axis', () => {
  test.each([
    [0, 3, 0],
    [2, 3, 2],
    [-1, 3, 2],
    [-3, 3, 0],
  ])('%i of rank %i is %i', (axis, rank, expected) => {
    expect(normalizeAxis(axis, rank)).toBe(expected);
  });

  test.each([3, -4, 0.5, Number.NaN])('%d of rank 3 is none', (axis) => {
    const message = `axis ${axis} is outside a tensor of rank 3: use −3 to 2`;
    expect(() => normalizeAxis(axis, 3)).toThrow(refusal('invalid-argument', message));
  });
});
