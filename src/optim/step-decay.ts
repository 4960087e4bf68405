/**
 * @file The learning rate that falls by a factor every so many updates.
 */

import { atLeast, checkArgument, checkOptions, type OptionRules, required, whole } from '../arguments.ts';
import { RATE, type Schedule, STEP } from './schedule.ts';

/** How a {@link StepDecay} is made. */
export interface StepDecayOptions {
  /** The rate of the first updates. */
  readonly initial: number;
  /** How many updates have the same rate. */
  readonly every: number;
  /** What the rate is multiplied with after them, 0.1 by default. */
  readonly factor?: number;
}

const OPTIONS: OptionRules<StepDecayOptions> = {
  initial: required(RATE),
  every: required(whole(1)),
  factor: atLeast(0),
};

/** `initial · factor^⌊step / every⌋`: PyTorch's `StepLR`. Throws 'invalid-argument' unless all are finite and at least 0. */
export class StepDecay implements Schedule {
  readonly #options: Required<StepDecayOptions>;

  /** Throws 'invalid-argument' for options that are missing, unknown or out of range. */
  constructor(options: StepDecayOptions) {
    checkOptions('StepDecay', options, OPTIONS);
    const { initial, every, factor = 0.1 } = options;
    this.#options = { initial, every, factor };
  }

  /** The learning rate of update `step`, counted from 0. */
  at(step: number): number {
    checkArgument('the step of StepDecay', step, STEP);
    const { initial, every, factor } = this.#options;
    return initial * factor ** Math.floor(step / every);
  }
}
