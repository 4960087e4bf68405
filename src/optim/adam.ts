/**
 * @file Adam, and AdamW, whose weights decay by themselves and not by way of the gradient.
 *
 * The update is `adamPlan` of the kernels; the rule and its sources stand there.
 */

import { atLeast, type Rule } from '../arguments.ts';
import { adamPlan } from '../kernels/optimizer/adam.ts';
import { Optimizer } from './optimizer.ts';
import type { OptimizerSettings, ParameterList } from './parameter-groups.ts';
import { SETTINGS, SHARE, type UpdateRule } from './update-rule.ts';

/** Settings of {@link Adam} and {@link AdamW}, a group's own or those of all. The learning rate is 0.001 by default. */
export interface AdamSettings extends OptimizerSettings {
  /** The shares of the old moments in the new ones, [0.9, 0.999] by default. */
  readonly betas?: readonly [number, number];
  /** Added to the root of the second moment, 1e-8 by default. */
  readonly epsilon?: number;
}

/** How an {@link Adam} or {@link AdamW} is made. */
export interface AdamOptions extends AdamSettings {
  /** What it updates: `model.parameters()`, or groups with settings of their own. */
  readonly parameters: ParameterList<AdamSettings>;
}

const BETAS: Rule = {
  holds: (value) => Array.isArray(value) && value.length === 2 && value.every(SHARE.holds),
  words: `two numbers, each ${SHARE.words}`,
};

const rule = (name: string, weightDecay: number, decoupled: boolean): UpdateRule<AdamSettings> => ({
  name,
  settings: { ...SETTINGS, betas: BETAS, epsilon: atLeast(0) },
  defaults: { learningRate: 1e-3, betas: [0.9, 0.999], epsilon: 1e-8, weightDecay },
  slots: () => ['firstMoment', 'secondMoment'],
  plan: (count, settings) => adamPlan(count, { ...settings, decoupled }),
});

const ADAM = /* @__PURE__ */ rule('Adam', 0, false);
const ADAM_W = /* @__PURE__ */ rule('AdamW', 0.01, true);

/** Adam with L2 decay. */
export class Adam extends Optimizer<AdamSettings> {
  /** Throws 'invalid-argument' as every {@link Optimizer} does, and for betas outside [0, 1). */
  constructor(options: AdamOptions) {
    super(ADAM, options);
  }
}

/** Adam with decoupled decay: each update takes `learningRate · weightDecay` of a weight, 0.01 of the rate by default. */
export class AdamW extends Optimizer<AdamSettings> {
  /** Throws 'invalid-argument' as every {@link Optimizer} does, and for betas outside [0, 1). */
  constructor(options: AdamOptions) {
    super(ADAM_W, options);
  }
}
