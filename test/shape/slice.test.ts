import { expect, test } from 'vitest';
import { type SliceOptions, sliceRanges } from '../../src/shape/slice.ts';

test('bounds count from the end, and all that is not named is whole', () => {
  expect(sliceRanges([5, 6, 7], { axes: [1, -1], starts: [-4, 0], ends: [-1, Infinity] })).toEqual([
    { start: 0, end: 5, step: 1 },
    { start: 2, end: 5, step: 1 },
    { start: 0, end: 7, step: 1 },
  ]);
  expect(sliceRanges([5, 6], { steps: [2] })[0]).toEqual({ start: 0, end: 5, step: 2 });
});

test.each<[string, SliceOptions, RegExp]>([
  ['no element', { starts: [2], ends: [2] }, /2 to 2 along axis 0 is not a part of \[5, 6\]/],
  ['beyond the end', { ends: [6] }, /within 0 to 5/],
  ['before the beginning', { starts: [-6] }, /-6 to Infinity/],
  ['a step of nothing', { steps: [0] }, /the step of slice along axis 0 is 0/],
  ['a fraction', { starts: [0.5] }, /a bound of slice along axis 0 is 0.5/],
  ['lists of different length', { starts: [0], ends: [1, 2] }, /1, 2 numbers/],
  ['an axis named twice', { axes: [1, -1], starts: [0, 0] }, /axis 1 is named twice/],
  ['more ranges than axes', { starts: [0, 0, 0] }, /axis 2 is outside/],
])('%s is refused', (_, options, message) => {
  expect(() => sliceRanges([5, 6], options)).toThrow(message);
});
