import { expect, test } from 'vitest';
import { allFinite, firstUnusable } from '../../src/train/finite.ts';

const state = (entries: Record<string, number[]>) =>
  new Map(
    Object.entries(entries).map(([name, values]) => [
      name,
      { shape: [values.length], data: Float32Array.from(values) },
    ]),
  );

test('numbers are finite where none is NaN or infinite', () => {
  expect(allFinite([])).toBe(true);
  expect(allFinite([0, -1, 3e38])).toBe(true);
  for (const lost of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    expect(allFinite([lost, 0])).toBe(false);
    expect(allFinite([0, lost])).toBe(false);
  }
});

test('the first value is named that nothing can be computed with', () => {
  expect(firstUnusable(state({}))).toBeUndefined();
  expect(firstUnusable(state({ a: [1, -2], b: [0] }))).toBeUndefined();
  expect(firstUnusable(state({ a: [1], b: [0, Number.NaN], c: [Number.NaN] }))).toEqual({
    name: 'b',
    value: Number.NaN,
  });
  expect(firstUnusable(state({ a: [Number.NEGATIVE_INFINITY] }))).toMatchObject({ name: 'a' });
});

test('a variance may be zero and not less; only running variances are variances', () => {
  expect(firstUnusable(state({ 'conv._batch_norm._variance': [0, 1], _variance: [0] }))).toBeUndefined();
  for (const name of ['_variance', 'conv._batch_norm._variance']) {
    expect(firstUnusable(state({ [name]: [1, -0.5] }))).toEqual({ name, value: -0.5 });
  }
  for (const name of ['_variance.weight', 'my_variance', '_variances']) {
    expect(firstUnusable(state({ [name]: [-0.5] }))).toBeUndefined();
  }
});
