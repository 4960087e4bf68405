/**
 * @file The learning rate that falls along half a cosine.
 *
 *     s = min(step, steps)
 *     rate = end + (initial − end) · (1 + cos(π · s / steps)) / 2
 *
 * Source: I. Loshchilov and F. Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", 2017, equation 5.
 */

import { checkArgument, checkOptions, type OptionRules, required } from '../arguments.ts';
import { RATE, type Schedule, SPAN, STEP } from './schedule.ts';

/** How a {@link CosineDecay} is made. */
export interface CosineDecayOptions {
  /** The rate of the first update. */
  readonly initial: number;
  /** After so many updates the end is reached; need not be whole. */
  readonly steps: number;
  /** The rate at the end, and from there on; 0 by default. */
  readonly end?: number;
}

const OPTIONS: OptionRules<CosineDecayOptions> = {
  initial: required(RATE),
  steps: required(SPAN),
  end: RATE,
};

/** PyTorch's `CosineAnnealingLR`, but staying at the end. Throws 'invalid-argument' unless all are finite and at least 0. */
export class CosineDecay implements Schedule {
  readonly #options: Required<CosineDecayOptions>;

  /** Throws 'invalid-argument' for options that are missing, unknown or out of range. */
  constructor(options: CosineDecayOptions) {
    checkOptions('CosineDecay', options, OPTIONS);
    const { initial, steps, end = 0 } = options;
    this.#options = { initial, steps, end };
  }

  /** The learning rate of update `step`, counted from 0. */
  at(step: number): number {
    checkArgument('the step of CosineDecay', step, STEP);
    const { initial, steps, end } = this.#options;
    return end + ((initial - end) * (1 + Math.cos((Math.PI * Math.min(step, steps)) / steps))) / 2;
  }
}
