/**
 * @file Stochastic gradient descent with momentum.
 *
 * The update is `momentumPlan` of the kernels; the rule and its source stand there.
 */

import { BOOLEAN } from '../arguments.ts';
import { momentumPlan } from '../kernels/optimizer/momentum.ts';
import { Optimizer } from './optimizer.ts';
import type { OptimizerSettings, ParameterList } from './parameter-groups.ts';
import type { Schedule } from './schedule.ts';
import { SETTINGS, SHARE, type UpdateRule } from './update-rule.ts';

/** Settings of {@link Momentum}, a group's own or those of all. */
export interface MomentumSettings extends OptimizerSettings {
  /** The share of the old velocity in the new one, 0.9 by default. */
  readonly momentum?: number;
  /** Whether to step along the velocity of the next update; false by default. */
  readonly nesterov?: boolean;
}

/** How a {@link Momentum} is made. */
export interface MomentumOptions extends MomentumSettings {
  /** What it updates: `model.parameters()`, or groups with settings of their own. */
  readonly parameters: ParameterList<MomentumSettings>;
  /** How far an update goes along the velocity. */
  readonly learningRate: number | Schedule;
}

const RULE: UpdateRule<MomentumSettings> = {
  name: 'Momentum',
  settings: { ...SETTINGS, momentum: SHARE, nesterov: BOOLEAN },
  defaults: { momentum: 0.9, nesterov: false, weightDecay: 0 },
  slots: () => ['velocity'],
  plan: momentumPlan,
};

/** Stochastic gradient descent with momentum and L2 decay. */
export class Momentum extends Optimizer<MomentumSettings> {
  /** Throws 'invalid-argument' as every {@link Optimizer} does, and for a momentum outside [0, 1). */
  constructor(options: MomentumOptions) {
    super(RULE, options);
  }
}
