/**
 * @file What TensorBoard shows of a training: `train/…` by step, `validation/…` by epoch.
 */

import type { EventNote } from '../io/tensorboard/events.ts';
import type { StepReport } from './fit-options.ts';
import type { EpochReport, TrainingProgress } from './progress.ts';

const VALIDATION = 'validation/';

/** The figures of a step by their tags. */
export function scalarsOfStep({ loss, accuracy, learningRate }: StepReport): Record<string, number> {
  return { 'train/loss': loss, 'train/accuracy': accuracy, 'train/learning_rate': learningRate };
}

/** The figures of an epoch by their tags: means of its steps, and all single numbers of its validation. */
export function scalarsOfEpoch({ training, validation }: EpochReport): Record<string, number> {
  const figures = { ...validation, ...('confusion' in validation ? validation.confusion : {}) };
  return {
    'epoch/train_loss': training.loss,
    'epoch/train_accuracy': training.accuracy,
    ...Object.fromEntries(
      Object.entries(figures).flatMap(([name, value]) =>
        typeof value === 'number' ? [[`${VALIDATION}${name}`, value]] : [],
      ),
    ),
  };
}

/** Whether an event is of what was done by `progress`: a validation stands at the step before it, which may be done without it. */
export function isDoneBy({ step, history }: TrainingProgress): (event: EventNote) => boolean {
  const validated = new Set(history.map((report) => report.step));
  return (event) =>
    event.step <= step &&
    (validated.has(event.step) || !event.tags.some((tag) => tag.startsWith(VALIDATION)));
}
