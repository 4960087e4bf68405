/**
 * @file A learning rate that rises to a peak and falls far below where it began.
 *
 * Source: L. Smith and N. Topin, "Super-Convergence: Very Fast Training of Neural Networks Using Large Learning Rates", 2019; the
 * phases are those of PyTorch's `OneCycleLR`: the peak is at `warmUp · steps − 1`, the end at `steps − 1`.
 */

import {
  atLeast,
  between,
  checkArgument,
  checkOptions,
  type OptionRules,
  oneOf,
  required,
  whole,
} from '../arguments.ts';
import { RATE, type Schedule, STEP } from './schedule.ts';

/** How a {@link OneCycle} is made. */
export interface OneCycleOptions {
  /** The highest rate. */
  readonly peak: number;
  /** Updates in all; later ones have the last rate. */
  readonly steps: number;
  /** The share of the updates in which the rate rises, 0.3 by default. */
  readonly warmUp?: number;
  /** The first rate is the peak over this, 25 by default. */
  readonly divide?: number;
  /** The last rate is the first over this, 10 000 by default. */
  readonly finalDivide?: number;
  /** Along what it rises and falls, a cosine by default. */
  readonly shape?: 'cosine' | 'linear';
}

const OPTIONS: OptionRules<OneCycleOptions> = {
  peak: required(RATE),
  steps: required(whole(1)),
  warmUp: between(0, 1),
  divide: atLeast(1),
  finalDivide: atLeast(1),
  shape: oneOf('cosine', 'linear'),
};

/** PyTorch's `OneCycleLR`. Throws 'invalid-argument' for options that are missing or out of range. */
export class OneCycle implements Schedule {
  readonly #options: Required<OneCycleOptions>;

  /** Throws 'invalid-argument' for options that are missing, unknown or out of range. */
  constructor(options: OneCycleOptions) {
    checkOptions('OneCycle', options, OPTIONS);
    const { peak, steps, warmUp = 0.3, divide = 25, finalDivide = 1e4, shape = 'cosine' } = options;
    this.#options = { peak, steps, warmUp, divide, finalDivide, shape };
  }

  /** The learning rate of update `step`, counted from 0. */
  at(step: number): number {
    checkArgument('the step of OneCycle', step, STEP);
    const { peak, steps, warmUp, divide, finalDivide } = this.#options;
    const first = peak / divide;
    const top = warmUp * steps - 1;
    if (step < top) return this.#between(first, peak, step / top);
    const start = Math.max(0, top);
    const share = Math.min(1, (step - start) / (steps - 1 - start));
    // Where the peak is the last update there is nothing to fall over.
    return this.#between(peak, first / finalDivide, Number.isNaN(share) ? 0 : share);
  }

  #between(from: number, to: number, share: number): number {
    if (this.#options.shape === 'linear') return from + (to - from) * share;
    return to + ((from - to) * (1 + Math.cos(Math.PI * share))) / 2;
  }
}
