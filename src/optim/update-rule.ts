/**
 * @file How a class of optimizers updates parameters: what it remembers of each, and a kernel.
 */

import {
  atLeast,
  FUNCTION,
  isObject,
  OBJECT,
  type OptionRules,
  type Rule,
  required,
  STRING,
} from '../arguments.ts';
import type { KernelPlan } from '../kernels/plan.ts';
import type { OptimizerSettings } from './parameter-groups.ts';
import { LEARNING_RATE } from './schedule.ts';

/** The settings of one update: all that were given or have a default, the rate as a number. */
export type UpdateSettings<Settings> = Required<Omit<Settings, 'learningRate'>> & {
  /** The rate of this update. */
  readonly learningRate: number;
  /** Which update of these parameters it is, from 1. */
  readonly update: number;
};

/** How a class of optimizers updates parameters. */
export interface UpdateRule<Settings extends OptimizerSettings> {
  /** In messages, and in checkpoints. */
  readonly name: string;
  /** What its settings must be. */
  readonly settings: OptionRules<Settings>;
  /** Settings without a default must be given. */
  readonly defaults: Partial<Settings>;
  /** The names of what it remembers of each parameter. */
  slots(groups: readonly Required<Settings>[]): readonly string[];
  /** Updates `count` numbers in a row, of the buffers `parameters`, `gradients`, and those called as its slots. */
  plan(count: number, settings: UpdateSettings<Settings>): KernelPlan;
}

const RULES_OF_SETTINGS: Rule = {
  holds: (value) =>
    isObject(value) &&
    Object.values(value).every((rule) => isObject(rule) && 'holds' in rule && 'words' in rule),
  words: "an object of rules { holds, words } by the settings' names",
};
/** The rules of {@link UpdateRule}. */
export const UPDATE_RULE: OptionRules<UpdateRule<OptimizerSettings>> = {
  name: required(STRING),
  settings: required(RULES_OF_SETTINGS),
  defaults: required(OBJECT),
  slots: required(FUNCTION),
  plan: required(FUNCTION),
};
/** The rules of {@link OptimizerSettings}. */
export const SETTINGS: OptionRules<OptimizerSettings> = {
  learningRate: LEARNING_RATE,
  weightDecay: atLeast(0),
};

/** A share of what was, in what is: at least 0, less than 1. */
export const SHARE: Rule = {
  holds: (value) => typeof value === 'number' && value >= 0 && value < 1,
  words: 'a number of at least 0 and less than 1',
};
