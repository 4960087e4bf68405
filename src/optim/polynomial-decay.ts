/**
 * @file The learning rate that falls along a polynomial.
 *
 *     s = min(step, steps)
 *     rate = (initial − end) · (1 − s / steps)^power + end
 *
 * Source: PaddlePaddle 1.8, fluid/dygraph/learning_rate_scheduler.py.
 */

import { check } from '../errors.ts';
import type { Schedule } from './schedule.ts';

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

/** A learning rate that falls from `initial` to `end`. Throws 'invalid-argument' unless `steps` is positive. */
export class PolynomialDecay implements Schedule {
  readonly #options: Required<PolynomialDecayOptions>;

  constructor({ initial, steps, end = 1e-4, power = 1, cycle = false }: PolynomialDecayOptions) {
    check(
      steps > 0,
      'invalid-argument',
      () => `PolynomialDecay over ${steps} steps: there must be more than 0`,
    );
    this.#options = { initial, steps, end, power, cycle };
  }

  /** The learning rate of update `step`, counted from 0. */
  at(step: number): number {
    const { initial, steps, end, power, cycle } = this.#options;
    const span = cycle ? steps * Math.max(1, Math.ceil(step / steps)) : steps;
    return (initial - end) * (1 - Math.min(step, span) / span) ** power + end;
  }
}
