/**
 * @file A learning rate that falls when a figure no longer improves.
 */

import {
  atLeast,
  checkArgument,
  checkOptions,
  checkProperties,
  NUMBER,
  type OptionRules,
  oneOf,
  required,
  whole,
} from '../arguments.ts';
import { RATE, type Schedule, type ScheduleState } from './schedule.ts';
import { SHARE } from './update-rule.ts';

/** How a {@link ReduceOnPlateau} is made. */
export interface ReduceOnPlateauOptions {
  /** The rate before the first reduction. */
  readonly initial: number;
  /** What a reduction multiplies the rate with, 0.1 by default. */
  readonly factor?: number;
  /** How many figures in a row may be no better than the best before the rate is reduced, 10 by default. */
  readonly patience?: number;
  /** The share of the best by which a figure must be better to count, 1e-4 by default. */
  readonly threshold?: number;
  /** Figures after a reduction that are not counted, 0 by default. */
  readonly cooldown?: number;
  /** What the rate does not fall below, 0 by default. */
  readonly end?: number;
  /** Whether smaller figures are better, as losses are, or larger ones; 'min' by default. */
  readonly mode?: 'min' | 'max';
}

const OPTIONS: OptionRules<ReduceOnPlateauOptions> = {
  initial: required(RATE),
  factor: SHARE,
  patience: whole(0),
  threshold: atLeast(0),
  cooldown: whole(0),
  end: RATE,
  mode: oneOf('min', 'max'),
};

/** What it remembers; `best` is NaN before the first figure. */
interface State {
  readonly rate: number;
  readonly best: number;
  readonly bad: number;
  readonly cooling: number;
}

const STATE: OptionRules<State> = {
  rate: required(RATE),
  best: required(NUMBER),
  bad: required(whole(0)),
  cooling: required(whole(0)),
};

/**
 * PyTorch's `ReduceLROnPlateau` with its relative threshold. `fit` tells it the figure of each validation that its option `monitor`
 * names; in a loop of one's own that is `optimizer.observe(figure)`. A figure that is NaN is no better than any. Throws
 * 'invalid-argument' for options that are missing or out of range.
 */
export class ReduceOnPlateau implements Schedule {
  readonly #options: Required<ReduceOnPlateauOptions>;
  #state: State;

  /** Throws 'invalid-argument' for options that are missing, unknown or out of range. */
  constructor(options: ReduceOnPlateauOptions) {
    checkOptions('ReduceOnPlateau', options, OPTIONS);
    const {
      initial,
      factor = 0.1,
      patience = 10,
      threshold = 1e-4,
      cooldown = 0,
      end = 0,
      mode = 'min',
    } = options;
    this.#options = { initial, factor, patience, threshold, cooldown, end, mode };
    this.#state = { rate: initial, best: Number.NaN, bad: 0, cooling: 0 };
  }

  /** The learning rate of the next update. */
  at(): number {
    return this.#state.rate;
  }

  /** Takes in a figure: a validation's loss, mostly. */
  observe(figure: number): void {
    checkArgument('the figure of ReduceOnPlateau', figure, NUMBER);
    const { factor, patience, cooldown, end } = this.#options;
    let { rate, best, bad, cooling } = this.#state;
    if (this.#isBetter(figure)) [best, bad] = [figure, 0];
    else bad++;
    if (cooling > 0) [cooling, bad] = [cooling - 1, 0];
    if (bad > patience) [rate, cooling, bad] = [Math.min(rate, Math.max(rate * factor, end)), cooldown, 0];
    this.#state = { rate, best, bad, cooling };
  }

  /** What it remembers. */
  get state(): ScheduleState {
    return { ...this.#state };
  }

  /** Goes on from `state`. Throws 'invalid-argument' where that is none. */
  restore(state: ScheduleState): void {
    checkProperties("ReduceOnPlateau's state", state, STATE);
    const { rate, best, bad, cooling } = state as unknown as State;
    this.#state = { rate, best, bad, cooling };
  }

  #isBetter(figure: number): boolean {
    const { mode, threshold } = this.#options;
    const { best } = this.#state;
    if (Number.isNaN(best)) return !Number.isNaN(figure);
    return mode === 'min' ? figure < best * (1 - threshold) : figure > best * (1 + threshold);
  }
}
