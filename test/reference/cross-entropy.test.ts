/** @file Tests of the reference cross entropy: values of PyTorch 2.13, gradients by finite differences. */

import { describe, expect, test } from 'vitest';
import { fromArray, map, type NdArray, randomNormal, xorshift } from './array.ts';
import { type CrossEntropyOptions, crossEntropy, crossEntropyBackward } from './cross-entropy.ts';
import { gradientError } from './finite-difference.ts';

const x = fromArray([4, 3], [1, -2, 0.5, 0, 3, -1, 2, 2, 2, -1, 0, 1]);
const indexes = fromArray([4], [0, 2, -100, 1]);
const probabilities = fromArray([4, 3], [0.2, 0.3, 0.5, 1, 0, 0, 0, 0.5, 0.5, 0.1, 0.1, 0.8]);
const classWeights = fromArray([3], [0.5, 2, 3]);

/** Of `torch.nn.functional.cross_entropy` in float64. */
const PYTORCH: [string, NdArray, CrossEntropyOptions, number[]][] = [
  ['indexes', indexes, {}, [1.9926955901813646]],
  ['their sum', indexes, { reduction: 'sum' }, [5.978086770544094]],
  [
    'each of them',
    indexes,
    { reduction: 'none' },
    [0.5045969023422835, 4.065883903757429, 0, 1.4076059644443804],
  ],
  ['class weights', indexes, { classWeights }, [2.7754840166058528]],
  ['smoothing', indexes, { labelSmoothing: 0.2 }, [1.9593622568480313]],
  ['weights and smoothing', indexes, { classWeights, labelSmoothing: 0.2 }, [2.5765020888967127]],
  ['their sum', indexes, { classWeights, labelSmoothing: 0.2, reduction: 'sum' }, [14.170761488931921]],
  [
    'another index ignored',
    fromArray([4], [0, 2, 1, 1]),
    { classWeights, ignoreIndex: 2 },
    [1.1699411016435828],
  ],
  ['probabilities', probabilities, {}, [1.6316747648030507]],
  ['weighted', probabilities, { classWeights, labelSmoothing: 0.2 }, [2.4543124133237093]],
  [
    'each of them',
    probabilities,
    { classWeights, reduction: 'none' },
    [3.6601131851530235, 1.5329419518787146, 2.7465307216702746, 1.380155805777608],
  ],
  ['all ignored', fromArray([4], [-100, -100, -100, -100]), {}, [Number.NaN]],
];

describe("PyTorch's numbers", () => {
  test.each(PYTORCH)('%s', (_, target, options, expected) => {
    const actual = [...crossEntropy(x, target, options).data];
    expect(actual.length).toBe(expected.length);
    expected.forEach((value, i) => {
      if (Number.isNaN(value)) expect(actual[i]).toBeNaN();
      else expect(actual[i]).toBeCloseTo(value, 12);
    });
  });

  test('a segmentation', () => {
    const logits = fromArray(
      [2, 3, 2, 2],
      Array.from({ length: 24 }, (_, i) => 3 * Math.sin(i)),
    );
    const classes = fromArray([2, 2, 2], [0, 1, 2, 0, 1, 1, -100, 2]);
    const loss = crossEntropy(logits, classes, { classWeights, labelSmoothing: 0.1 });
    expect(loss.data[0]).toBeCloseTo(4.3943407068853855, 12);
  });
});

test('gradients', () => {
  const next = xorshift(5);
  const logits = randomNormal([2, 3, 2, 2], next);
  const classes = fromArray([2, 2, 2], [0, 1, 2, 0, 1, 1, -100, 2]);
  const shares = map(randomNormal([2, 3, 2, 2], next), Math.abs);
  for (const target of [classes, shares])
    for (const reduction of ['mean', 'sum', 'none'] as const) {
      const options = { classWeights, labelSmoothing: 0.1, reduction };
      const error = gradientError(
        (x) => crossEntropy(x!, target, options),
        (dy) => [crossEntropyBackward(logits, target, dy, options)],
        [logits],
        next,
      );
      expect(error).toBeLessThan(1e-7);
    }
});
