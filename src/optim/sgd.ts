/**
 * @file Stochastic gradient descent.
 */

import { sgdPlan } from '../kernels/optimizer/sgd.ts';
import { Optimizer } from './optimizer.ts';
import type { OptimizerSettings, ParameterList } from './parameter-groups.ts';
import type { Schedule } from './schedule.ts';
import { SETTINGS, type UpdateRule } from './update-rule.ts';

/** How an {@link SGD} is made. */
export interface SGDOptions extends OptimizerSettings {
  /** What it updates: `model.parameters()`, or groups with settings of their own. */
  readonly parameters: ParameterList;
  /** How far an update goes against the gradient. */
  readonly learningRate: number | Schedule;
}

const RULE: UpdateRule<OptimizerSettings> = {
  name: 'SGD',
  settings: SETTINGS,
  defaults: { weightDecay: 0 },
  slots: () => [],
  plan: sgdPlan,
};

/** Stochastic gradient descent with L2 decay, which remembers nothing; `Momentum` has a velocity. */
export class SGD extends Optimizer {
  /** Throws 'invalid-argument' as every {@link Optimizer} does. */
  constructor(options: SGDOptions) {
    super(RULE, options);
  }
}
