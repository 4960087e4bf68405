/** @file Tests of the reference momentum step, by hand. */

import { expect, test } from 'vitest';
import { fromArray } from './array.ts';
import { momentumStep } from './momentum.ts';

const parameter = fromArray([1], [10]);
const gradient = fromArray([1], [2]);
const velocity = fromArray([1], [4]);
const base = { learningRate: 0.25, momentum: 0.5 };
test.each([
  ['plain: v = 2 + 2, p = 10 − 4/4', base, 9, 4],
  ['Nesterov: p = 10 − (2 + 4/2)/4', { ...base, nesterov: true }, 9, 4],
  ['decay: g = 2 + 10/2, v = 2 + 7', { ...base, weightDecay: 0.5 }, 7.75, 9],
  ['decay and Nesterov: p = 10 − (7 + 9/2)/4', { ...base, weightDecay: 0.5, nesterov: true }, 7.125, 9],
  ['no momentum', { ...base, momentum: 0 }, 9.5, 2],
])('%s', (_, options, p, v) => {
  const step = momentumStep(parameter, gradient, velocity, options);
  expect([[...step.parameter.data], [...step.velocity.data]]).toEqual([[p], [v]]);
});
