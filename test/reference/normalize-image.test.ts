/** @file Tests of the reference image normalization, by hand. */

import { expect, test } from 'vitest';
import { fromArray, maxAbsDifference } from './array.ts';
import { normalizeImage } from './normalize-image.ts';

test('bytes of [1, 1, 2, 3] become planes', () => {
  const y = normalizeImage(Uint8Array.of(0, 255, 51, 255, 0, 204), [1, 1, 2]);
  const expected = fromArray([1, 3, 1, 2], [-1, 1, 1, -1, -0.6, 0.6]);
  expect(maxAbsDifference(y, expected)).toBeLessThan(1e-14);
});

test('the images of a batch are kept apart', () => {
  const pixels = Uint8Array.from({ length: 24 }, (_, i) => i);
  const y = normalizeImage(pixels, [2, 2, 2]);
  const bytes = [...y.data].map((value) => Math.round(((value + 1) / 2) * 255));
  expect(bytes.slice(0, 8)).toEqual([0, 3, 6, 9, 1, 4, 7, 10]);
  expect(bytes.slice(12, 16)).toEqual([12, 15, 18, 21]);
});
