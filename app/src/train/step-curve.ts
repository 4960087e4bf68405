/**
 * @file The steps of a training that its curves are drawn from: some are left out where there are many, as no screen shows them.
 */

import type { StepReport } from 'fovea';

/** A step, as the page draws it. */
export type StepPoint = StepReport;

/** What is drawn of a training. */
export interface StepCurve {
  readonly points: readonly StepPoint[];
  /** Of how many steps one is drawn. */
  readonly stride: number;
  /** The last step, drawn or not. */
  readonly last: StepPoint | undefined;
}

/** Before the first step. */
export const NO_STEPS: StepCurve = { points: [], stride: 1, last: undefined };

/** Points that a curve may have. */
const MOST_POINTS = 600;

/** The curve with the steps that are new to it: those that are done again after a loss are there, and the same. */
export function addSteps(curve: StepCurve, done: readonly StepPoint[]): StepCurve {
  const { step: last = 0 } = curve.last ?? {};
  const steps = done.filter(({ step }) => step > last);
  let { stride } = curve;
  const every = ({ step }: StepPoint) => step % stride === 0;
  let points = [...curve.points, ...steps.filter(every)];
  while (points.length > MOST_POINTS) {
    stride *= 2;
    points = points.filter(every);
  }
  return { points, stride, last: steps.at(-1) ?? curve.last };
}

/** The curve as it was after `step`. */
export function curveUntil({ points, stride, last }: StepCurve, step: number): StepCurve {
  const before = points.filter((point) => point.step <= step);
  return { points: before, stride, last: last && last.step <= step ? last : before.at(-1) };
}
