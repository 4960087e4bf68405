/**
 * @file The learning rate that falls along a polynomial.
 *
 *     s = min(step, steps)
 *     rate = (initial − end) · (1 − s / steps)^power + end
 *
 * Source: PaddlePaddle 1.8, fluid/dygraph/learning_rate_scheduler.py.
 */

import { atLeast, BOOLEAN, checkArgument, checkOptions, type OptionRules, required } from '../arguments.ts';
import { type Schedule, SPAN, STEP } from './schedule.ts';

/** How a {@link PolynomialDecay} is made. */
export interface PolynomialDecayOptions {
  /** The rate of the first update. */
  readonly initial: number;
  /** After so many updates the end is reached; need not be whole. */
  readonly steps: number;
  /** The rate at the end, 1e-4 by default. */
  readonly end?: number;
  /** The degree of the polynomial, 1 by default. */
  readonly power?: number;
  /** Whether to begin anew, over longer and longer times, instead of staying at the end; false by default. */
  readonly cycle?: boolean;
}

const OPTIONS: OptionRules<PolynomialDecayOptions> = {
  initial: required(atLeast(0)),
  steps: required(SPAN),
  end: atLeast(0),
  power: atLeast(0),
  cycle: BOOLEAN,
};

/**
 * A learning rate that falls from `initial` to `end`. Throws 'invalid-argument' unless all are finite and at least 0, and
 * `steps` is positive.
 */
export class PolynomialDecay implements Schedule {
  readonly #options: Required<PolynomialDecayOptions>;

  /** Throws 'invalid-argument' for options that are missing, unknown or out of range. */
  constructor(options: PolynomialDecayOptions) {
    checkOptions('PolynomialDecay', options, OPTIONS);
    const { initial, steps, end = 1e-4, power = 1, cycle = false } = options;
    this.#options = { initial, steps, end, power, cycle };
  }

  /** The learning rate of update `step`, counted from 0. */
  at(step: number): number {
    checkArgument('the step of PolynomialDecay', step, STEP);
    const { initial, steps, end, power, cycle } = this.#options;
    const span = cycle ? steps * Math.max(1, Math.ceil(step / steps)) : steps;
    return (initial - end) * (1 - Math.min(step, span) / span) ** power + end;
  }
}
