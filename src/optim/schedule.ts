/**
 * @file What a learning-rate schedule is.
 */

import { atLeast, isObject, type Rule } from '../arguments.ts';

/** What a schedule remembers, for checkpoints. */
export type ScheduleState = Readonly<Record<string, number>>;

/** A learning rate that depends on how many updates were made, and, if it observes, on how the training goes. */
export interface Schedule {
  /** The learning rate of update `step`, counted from 0. */
  at(step: number): number;
  /** Is told a figure of each validation, the loss mostly. */
  observe?(figure: number): void;
  /** What it remembers of what it observed; undefined where that is nothing. */
  readonly state?: ScheduleState | undefined;
  /** Goes on from `state`. */
  restore?(state: ScheduleState): void;
}

/** A rate that can be updated with. */
export const RATE: Rule = atLeast(0);

/** A count of updates, whole or not. */
export const STEP: Rule = atLeast(0);

/** Over how many updates a schedule goes. */
export const SPAN: Rule = {
  holds: (value) => Number.isFinite(value) && (value as number) > 0,
  words: 'a finite number greater than 0',
};

/** A rate, or a {@link Schedule} of whatever class. */
export const LEARNING_RATE: Rule = {
  holds: (value) => RATE.holds(value) || (isObject(value) && typeof (value as Schedule).at === 'function'),
  words: `${RATE.words}, or a Schedule`,
};

/** A schedule of what an option says; a number is always itself. */
export function scheduleOf(learningRate: number | Schedule | undefined): Schedule {
  return isObject(learningRate) ? learningRate : { at: () => learningRate ?? Number.NaN };
}
