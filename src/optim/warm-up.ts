/**
 * @file A learning rate that rises to that of another schedule before it begins.
 */

import { between, checkArgument, checkOptions, type OptionRules, required, whole } from '../arguments.ts';
import { LEARNING_RATE, type Schedule, type ScheduleState, STEP, scheduleOf } from './schedule.ts';

/** How a {@link WarmUp} is made. */
export interface WarmUpOptions {
  /** Over how many updates the rate rises. */
  readonly steps: number;
  /** The rate, or schedule, that begins after them. */
  readonly schedule: number | Schedule;
  /** The share of its first rate that the first update has, ⅓ by default. */
  readonly start?: number;
}

const OPTIONS: OptionRules<WarmUpOptions> = {
  steps: required(whole(1)),
  schedule: required(LEARNING_RATE),
  start: between(0, 1),
};

/**
 * A rate that rises in a straight line from `start` times the first rate of `schedule` to that rate, and goes on with `schedule`: PyTorch's
 * `LinearLR` before another one in `SequentialLR`. Throws 'invalid-argument' for options that are missing or out of range.
 */
export class WarmUp implements Schedule {
  readonly #steps: number;
  readonly #schedule: Schedule;
  readonly #start: number;

  /** Throws 'invalid-argument' for options that are missing, unknown or out of range. */
  constructor(options: WarmUpOptions) {
    checkOptions('WarmUp', options, OPTIONS);
    this.#steps = options.steps;
    this.#schedule = scheduleOf(options.schedule);
    this.#start = options.start ?? 1 / 3;
  }

  /** The learning rate of update `step`, counted from 0. */
  at(step: number): number {
    checkArgument('the step of WarmUp', step, STEP);
    if (step >= this.#steps) return this.#schedule.at(step - this.#steps);
    return this.#schedule.at(0) * (this.#start + ((1 - this.#start) * step) / this.#steps);
  }

  /** Tells the schedule that comes after. */
  observe(figure: number): void {
    this.#schedule.observe?.(figure);
  }

  /** What the schedule that comes after remembers. */
  get state(): ScheduleState | undefined {
    return this.#schedule.state;
  }

  /** Has the schedule that comes after go on from `state`. */
  restore(state: ScheduleState): void {
    this.#schedule.restore?.(state);
  }
}
