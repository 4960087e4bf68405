/** @file Tests of the arrays' helpers: fills, indexing and the measures of error. */

import { expect, test } from 'vitest';
import {
  coordinatesOf,
  flatten,
  fromArray,
  full,
  indexOf,
  maxAbsDifference,
  randomDistinct,
  randomNormal,
  randomUniform,
  relativeError,
  scaledMaxError,
  sizeOf,
  xorshift,
} from './array.ts';

test('an array refuses values that do not fill its shape', () => {
  expect(() => fromArray([2, 3], [1, 2, 3])).toThrow('shape [2,3] holds 6 values, not 3');
});

test('indices and coordinates are row-major and each other’s inverse', () => {
  const shape = [2, 3, 5];
  expect(coordinatesOf(1 * 15 + 2 * 5 + 3, shape)).toEqual([1, 2, 3]);
  for (let i = 0; i < sizeOf(shape); i++) expect(indexOf(coordinatesOf(i, shape), shape)).toBe(i);
});

test('flatten keeps the batch', () => {
  expect(flatten(full([2, 3, 4, 5], 7)).shape).toEqual([2, 60]);
});

test('a seed decides the numbers', () => {
  const draw = (seed: number) => [...randomNormal([4], xorshift(seed)).data];
  expect(draw(3)).toEqual(draw(3));
  expect(draw(3)).not.toEqual(draw(4));
});

test.each([1, 2, 3])('fills with seed %i have the moments of their distribution, in float32', (seed) => {
  const next = xorshift(seed);
  const moments = (data: Float64Array) => {
    const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
    return [mean, data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length];
  };
  const normal = randomNormal([20_000], next);
  const uniform = randomUniform([20_000], next, 2, 5);
  const [normalMean, normalVariance] = moments(normal.data);
  const [uniformMean, uniformVariance] = moments(uniform.data);
  expect(Math.abs(normalMean!)).toBeLessThan(0.03);
  expect(Math.abs(normalVariance! - 1)).toBeLessThan(0.05);
  expect(Math.abs(uniformMean! - 3.5)).toBeLessThan(0.03);
  expect(Math.abs(uniformVariance! - 9 / 12)).toBeLessThan(0.02);
  expect(Math.min(...uniform.data)).toBeGreaterThanOrEqual(2);
  expect(Math.max(...uniform.data)).toBeLessThanOrEqual(5);
  expect([...normal.data, ...uniform.data].every((value) => value === Math.fround(value))).toBe(true);
});

test.each([7, 8])('%i distinct values keep their distance from each other and from 0', (size) => {
  const { data } = randomDistinct([size], xorshift(1), 0.5);
  const sorted = [...data].sort((a, b) => a - b);
  for (let i = 1; i < size; i++) expect(sorted[i]! - sorted[i - 1]!).toBe(0.5);
  expect(Math.min(...sorted.map(Math.abs))).toBe(0.25);
  expect([...data]).not.toEqual(sorted);
});

test('the measures of error, by hand', () => {
  const expected = fromArray([2], [3, 4]);
  const actual = fromArray([2], [3, 4.5]);
  expect(maxAbsDifference(actual, expected)).toBe(0.5);
  expect(relativeError(actual, expected)).toBe(0.1);
  expect(scaledMaxError(actual, expected)).toBeCloseTo(0.5 / Math.sqrt(12.5), 12);
});

test.each([maxAbsDifference, relativeError, scaledMaxError])('%O at the edges', (measure) => {
  const zero = fromArray([1], [0]);
  const nan = fromArray([1], [Number.NaN]);
  expect(measure(zero, zero)).toBe(0);
  expect(measure(nan, zero)).toBeNaN();
  expect(measure(zero, nan)).toBeNaN();
  expect(() => measure(zero, fromArray([1, 1], [0]))).toThrow('[1], expected [1,1]');
});
