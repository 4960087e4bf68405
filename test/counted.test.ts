import { expect, test } from 'vitest';
import { counted } from '../src/counted.ts';

test('one is singular, all else plural', () => {
  expect([0, 1, 2].map((n) => counted(n, 'step'))).toEqual(['0 steps', '1 step', '2 steps']);
  expect([1, 3].map((n) => counted(n, 'image has', 'images have'))).toEqual(['1 image has', '3 images have']);
});
