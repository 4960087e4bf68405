/**
 * @file What an optimizer remembers, on the host: for checkpoints.
 */

import {
  checkArgument,
  checkProperties,
  isObject,
  listOf,
  OBJECT,
  type OptionRules,
  type Rule,
  required,
  STRING,
  whole,
} from '../arguments.ts';
import { checkState, type StateDict } from '../nn/state-dict.ts';
import type { ScheduleState } from './schedule.ts';

/** All that an optimizer has to remember to continue where it stood. */
export interface OptimizerState {
  /** Of its class: 'Momentum'. */
  readonly name: string;
  /** How many updates were made: where its schedules stand. */
  readonly step: number;
  /** How often parameters were updated that were left out of some updates, as those are that had no gradient; by name. */
  readonly updates?: Readonly<Record<string, number>> | undefined;
  /** What schedules remember that observe how the training goes. */
  readonly schedules?: readonly ScheduleState[] | undefined;
  /** What is remembered of each parameter, by names such as `velocity`, then by the parameters' names. */
  readonly slots: Readonly<Record<string, StateDict>>;
}

const COUNT = whole(0);
const COUNTS: Rule = {
  holds: (value) => isObject(value) && Object.values(value).every(COUNT.holds),
  words: "an object of whole numbers by the parameters' names",
};
const STATE: OptionRules<OptimizerState> = {
  name: required(STRING),
  step: required(COUNT),
  updates: COUNTS,
  schedules: listOf(OBJECT, 'an array of objects'),
  slots: required(OBJECT),
};

/** Throws 'invalid-argument' unless `state` is an optimizer's state; whether it is that of an optimizer, that one knows. */
export function checkOptimizerState(what: string, state: OptimizerState): void {
  checkArgument(what, state, OBJECT);
  checkProperties(what, state, STATE);
  for (const [slot, entries] of Object.entries(state.slots)) checkState(`${slot} of ${what}`, entries);
}
