import { expect, test } from 'vitest';
import { philox } from './dropout.ts';

// The first of the known answers that the authors publish (Random123, kat_vectors); the others have counters of 128 bits.
test('gives the published numbers', () => {
  expect(philox(0, [0, 0])).toEqual([0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
});
