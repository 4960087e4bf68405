import { expect, test } from 'vitest';
import { expandPadding, expandPair } from '../../src/shape/window.ts';

const refusal = (message: string) =>
  expect.objectContaining({ code: 'invalid-argument', message: expect.stringContaining(message) });

test('a number is both of a pair', () => {
  expect(expandPair(3, 'stride')).toEqual([3, 3]);
  expect(expandPair([2, 5], 'stride')).toEqual([2, 5]);
});

test.each([
  [0, '0'],
  [[2, 0], '[2, 0]'],
  [[-1, 2], '[-1, 2]'],
  [1.5, '1.5'],
  [Number.NaN, 'NaN'],
] as const)('%j is no pair', (pair, value) => {
  const message = `the stride is ${value}: it must be a whole number of at least 1`;
  expect(() => expandPair(pair, 'the stride')).toThrow(refusal(message));
});

test('a padding is one number, one a direction, or one a side', () => {
  expect(expandPadding(2, 'padding')).toEqual({ top: 2, bottom: 2, left: 2, right: 2 });
  expect(expandPadding([1, 3], 'padding')).toEqual({ top: 1, bottom: 1, left: 3, right: 3 });
  expect(expandPadding([1, 2, 3, 4], 'padding')).toEqual({ top: 1, bottom: 2, left: 3, right: 4 });
  expect(expandPadding(0, 'padding')).toEqual({ top: 0, bottom: 0, left: 0, right: 0 });
});

test.each([[[-1, 0, 0, 0]], [[0, -1, 0, 0]], [[0, 0, -1, 0]], [[0, 0, 0, -1]]] as const)(
  '%j is no padding',
  (padding) => {
    expect(() => expandPadding(padding, 'the padding')).toThrow(
      refusal(`the padding is [${padding.join(', ')}]: it must be a whole number of at least 0`),
    );
  },
);
