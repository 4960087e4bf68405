/**
 * @file RMSProp.
 *
 * The update is `rmsPropPlan` of the kernels; the rule and its sources stand there.
 */

import { atLeast, BOOLEAN } from '../arguments.ts';
import { rmsPropPlan } from '../kernels/optimizer/rms-prop.ts';
import { Optimizer } from './optimizer.ts';
import type { OptimizerSettings, ParameterList } from './parameter-groups.ts';
import { SETTINGS, SHARE, type UpdateRule } from './update-rule.ts';

/** Settings of {@link RMSProp}, a group's own or those of all. The learning rate is 0.01 by default. */
export interface RMSPropSettings extends OptimizerSettings {
  /** The share of the old mean of squares in the new one, 0.99 by default. */
  readonly alpha?: number;
  /** Added to the root of that mean, 1e-8 by default. */
  readonly epsilon?: number;
  /** The share of the old velocity in the new one; 0 by default: there is none. */
  readonly momentum?: number;
  /** Whether to divide by the deviation of the gradients instead of the root of their mean square; false by default. */
  readonly centered?: boolean;
}

/** How an {@link RMSProp} is made. */
export interface RMSPropOptions extends RMSPropSettings {
  /** What it updates: `model.parameters()`, or groups with settings of their own. */
  readonly parameters: ParameterList<RMSPropSettings>;
}

const RULE: UpdateRule<RMSPropSettings> = {
  name: 'RMSProp',
  settings: { ...SETTINGS, alpha: SHARE, epsilon: atLeast(0), momentum: SHARE, centered: BOOLEAN },
  defaults: { learningRate: 0.01, alpha: 0.99, epsilon: 1e-8, momentum: 0, centered: false, weightDecay: 0 },
  slots: (groups) => [
    'squareAverage',
    ...(groups.some(({ centered }) => centered) ? ['gradientAverage'] : []),
    ...(groups.some(({ momentum }) => momentum > 0) ? ['velocity'] : []),
  ],
  plan: rmsPropPlan,
};

/** RMSProp with L2 decay. */
export class RMSProp extends Optimizer<RMSPropSettings> {
  /** Throws 'invalid-argument' as every {@link Optimizer} does, and for an alpha or momentum outside [0, 1). */
  constructor(options: RMSPropOptions) {
    super(RULE, options);
  }
}
