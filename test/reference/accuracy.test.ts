/** @file Tests of the reference accuracy, by hand. */

import { expect, test } from 'vitest';
import { accuracy, topClass } from './accuracy.ts';
import { fromArray } from './array.ts';

test('ties go to the lower class', () => {
  const scores = fromArray([4, 2], [0.5, 0.5, 0.2, 0.8, 0.9, 0.1, 0.4, 0.6]);
  expect(topClass(scores)).toEqual([0, 1, 0, 1]);
  expect(accuracy(scores, fromArray([4, 1], [0, 1, 1, 1]))).toBe(0.75);
});
