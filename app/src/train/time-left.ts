/**
 * @file How long a training will still take.
 */

import { stepsOf, type TrainSettings } from './settings.ts';

/** What is known of a training under way. */
export interface KnownPace {
  readonly settings: TrainSettings;
  /** How many there are to train on. */
  readonly photographs: number;
  readonly stepsDone: number;
  /** Rounds that were validated. */
  readonly roundsDone: number;
  /** Photographs a second. */
  readonly rate: number;
  /** What a validation takes; undefined before one was timed. */
  readonly validationSeconds: number | undefined;
}

/** Seconds that are left, validations counted once one was timed. The last round is validated even where `maxSteps` ends it before. */
export function secondsLeft(known: KnownPace): number {
  const { settings, photographs, stepsDone, roundsDone, rate, validationSeconds = 0 } = known;
  const steps = stepsOf(settings, photographs);
  const rounds = Math.ceil(steps / Math.ceil(photographs / settings.batchSize));
  const training = (Math.max(0, steps - stepsDone) * settings.batchSize) / rate;
  return training + Math.max(0, rounds - roundsDone) * validationSeconds;
}
