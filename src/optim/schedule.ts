/**
 * @file What a learning-rate schedule is.
 */

import { atLeast, isObject, type Rule } from '../arguments.ts';

/** A learning rate that depends on how many updates were made. */
export interface Schedule {
  /** The learning rate of update `step`, counted from 0. */
  at(step: number): number;
}

/** A rate that can be updated with. */
export const RATE: Rule = atLeast(0);

/** A rate, or a {@link Schedule} of whatever class. */
export const LEARNING_RATE: Rule = {
  holds: (value) => RATE.holds(value) || (isObject(value) && typeof (value as Schedule).at === 'function'),
  words: `${RATE.words}, or a Schedule`,
};

/** A schedule of what an option says; a number is always itself. */
export function scheduleOf(learningRate: number | Schedule | undefined): Schedule {
  return isObject(learningRate) ? learningRate : { at: () => learningRate ?? Number.NaN };
}
