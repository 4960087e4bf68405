import { expect, test } from 'vitest';
import {
  addSteps,
  curveUntil,
  NO_STEPS,
  type StepCurve,
  type StepPoint,
} from '../../../app/src/train/step-curve.ts';

const pointOf = (step: number): StepPoint => {
  return { step, epoch: 0, batch: step - 1, loss: 1 / step, accuracy: 0.5, learningRate: 0.1, samples: 10 };
};
const stepsFrom = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, i) => pointOf(first + i));

/** A curve of `count` steps, told in messages of so many. */
function curveOf(count: number, each: number): StepCurve {
  let curve = NO_STEPS;
  for (let step = 1; step <= count; step += each)
    curve = addSteps(curve, stepsFrom(step, Math.min(count, step + each - 1)));
  return curve;
}

test('few steps are drawn one by one', () => {
  const curve = curveOf(600, 7);
  expect(curve.points).toEqual(stepsFrom(1, 600));
  expect(curve.last).toEqual(pointOf(600));
});

test('of many, every second, fourth, … is; the last one is known all the same', () => {
  const curve = curveOf(5003, 9);
  expect(curve.stride).toBe(16);
  expect(curve.points).toEqual(stepsFrom(1, 312).map(({ step }) => pointOf(16 * step)));
  expect(curve.last).toEqual(pointOf(5003));
});

test('how steps were told changes nothing', () => {
  expect(curveOf(2000, 1)).toEqual(curveOf(2000, 2000));
});

test('steps that are done again are not drawn twice', () => {
  const curve = curveOf(10, 10);
  expect(addSteps(curve, stepsFrom(6, 10))).toEqual(curve);
  expect(addSteps(curve, stepsFrom(6, 12))).toEqual(curveOf(12, 12));
});

test('a curve is cut to where a training is resumed, and grows as if it had never been longer', () => {
  expect(curveUntil(curveOf(12, 1), 7)).toEqual(curveOf(7, 1));
  expect(curveUntil(curveOf(12, 1), 0)).toEqual(NO_STEPS);
  expect(addSteps(curveUntil(curveOf(700, 1), 650), stepsFrom(651, 700))).toEqual(curveOf(700, 1));
});
