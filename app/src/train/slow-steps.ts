/**
 * @file Notices steps that are slower than those before, and says why where that is known.
 */

import type { StepTime } from './measured-source.ts';

/** What may have made a step slow. */
export type SlowReason = 'compiled' | 'decoding' | 'reopened' | 'unknown';

/** A step that was slow. */
export interface SlowStep {
  /** From 1, over all epochs. */
  readonly step: number;
  readonly seconds: number;
  /** What steps took before. */
  readonly usual: number;
  readonly reason: SlowReason;
}

/** What is known of a step beside its time. */
export interface StepCircumstances {
  /** Kernels that were compiled during it. */
  readonly compiled: number;
  /** Whether the device was opened again during it. */
  readonly reopened: boolean;
}

/** How many steps make out what is usual. */
const WINDOW = 20;
const LEAST = 5;
/** A step is slow that takes so many times what is usual, and so many seconds more. */
const FACTOR = 2.5;
const MORE = 0.25;

/** Watches the steps of a training. */
export class SlowSteps {
  readonly #recent: number[] = [];

  /** What steps usually take, in seconds; undefined before there are a few. */
  get usual(): number | undefined {
    return this.#recent.length < LEAST ? undefined : median(this.#recent);
  }

  /** Takes note of a step; gives it where it was slow. The first ones are, by what they compile, and are no news. */
  add(step: number, time: StepTime, circumstances: StepCircumstances): SlowStep | undefined {
    const { usual } = this;
    const { seconds } = time;
    const isSlow = usual !== undefined && seconds > FACTOR * usual && seconds > usual + MORE;
    if (!isSlow) {
      this.#recent.push(seconds);
      if (this.#recent.length > WINDOW) this.#recent.shift();
      return undefined;
    }
    return { step, seconds, usual, reason: reasonOf(time, usual, circumstances) };
  }
}

function reasonOf({ seconds, waited }: StepTime, usual: number, about: StepCircumstances): SlowReason {
  if (about.reopened) return 'reopened';
  if (waited > (seconds - usual) / 2) return 'decoding';
  return about.compiled > 0 ? 'compiled' : 'unknown';
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
