/** @file Tests of the reference loss: values by hand, gradients by finite differences. */

import { expect, test } from 'vitest';
import { fromArray, map, maxAbsDifference, randomNormal, randomUniform, xorshift } from './array.ts';
import { gradientError } from './finite-difference.ts';
import { sigmoidCrossEntropy, sigmoidCrossEntropyBackward } from './loss.ts';

const logits = fromArray([4, 1], [0, 2, -2, 5]);
const labels = fromArray([4, 1], [1, 0, 1, -100]);
const log1pExp = 2.1269280110429727; // log(1 + e²)

test('by hand: −log sigmoid(±x), and 0 where ignored', () => {
  const loss = sigmoidCrossEntropy(logits, labels);
  const expected = fromArray([4, 1], [Math.LN2, log1pExp, log1pExp, 0]);
  expect(maxAbsDifference(loss, expected)).toBeLessThan(1e-14);
});

test('normalize divides by the number of elements that count', () => {
  const plain = sigmoidCrossEntropy(logits, labels);
  const normalized = sigmoidCrossEntropy(logits, labels, { normalize: true });
  const expected = map(plain, (value) => value / 3);
  expect(maxAbsDifference(normalized, expected)).toBeLessThan(1e-14);
});

test('normalize divides nothing by zero where no element counts', () => {
  const ignoring = { normalize: true, ignoreIndex: 1 };
  expect([...sigmoidCrossEntropy(logits, fromArray([4, 1], [1, 1, 1, 1]), ignoring).data]).toEqual([
    0, 0, 0, 0,
  ]);
});

test('large logits neither overflow nor lose the loss', () => {
  const loss = sigmoidCrossEntropy(fromArray([3], [1000, -1000, 1000]), fromArray([3], [0, 1, 1]));
  expect([...loss.data]).toEqual([1000, 1000, 0]);
});

test.each([{}, { normalize: true }, { ignoreIndex: 1 }, { ignoreIndex: 0, normalize: true }])(
  'gradients with %o',
  (options) => {
    const next = xorshift(5);
    const x = randomNormal([11, 1], next);
    const z = map(randomUniform([11, 1], next, 0, 3), Math.floor);
    const error = gradientError(
      (x) => sigmoidCrossEntropy(x!, z, options),
      (dy) => [sigmoidCrossEntropyBackward(x, z, dy, options)],
      [x],
      next,
    );
    expect(error).toBeLessThan(1e-8);
  },
);
