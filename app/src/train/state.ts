/**
 * @file Where the training stands, as the page Train shows it. What can be done is in `actions.ts`.
 */

import { computed, signal } from '@preact/signals';
import type { EpochReport, RecipeName } from 'fovea';
import { summary } from '../data/state.ts';
import type { Estimate } from './estimate.ts';
import type { ResumableTraining } from './look-for-training.ts';
import type { StepPoint } from './run-training.ts';
import { stepsOf, type TrainSettings, wrongSettings } from './settings.ts';
import type { SlowReason, SlowStep } from './slow-steps.ts';

/** What is being done. */
export type Phase = 'idle' | 'preparing' | 'running' | 'stopping' | 'validating' | 'paused' | 'done';

/** Something worth knowing about a training. */
export type Note =
  | {
      readonly kind: 'slow';
      readonly slow: Omit<SlowStep, 'reason'> & { readonly reason: SlowReason | 'hidden' };
    }
  | { readonly kind: 'reopened'; readonly step: number; readonly reached: number; readonly reason: string }
  | { readonly kind: 'unsaved'; readonly reason: string }
  | { readonly kind: 'notKept' }
  | { readonly kind: 'corrupt'; readonly names: readonly string[] };

/** What each recipe sets; undefined until the engine has told. */
export const defaults = signal<Readonly<Record<RecipeName, TrainSettings>> | undefined>(undefined);

/** What the form holds. */
export const settings = signal<TrainSettings | undefined>(undefined);

/** What the training under way was begun with; undefined where there is none. */
export const running = signal<TrainSettings | undefined>(undefined);

export const phase = signal<Phase>('idle');
export const failure = signal<string | undefined>(undefined);

/** What the settings of the form will take; undefined where nobody asked. */
export const estimate = signal<Partial<Estimate> | 'asking' | undefined>(undefined);

/** A training that is kept from before. */
export const resumable = signal<ResumableTraining | undefined>(undefined);

/** Steps for the curves, some left out where there are many. */
export const points = signal<readonly StepPoint[]>([]);

/** The last step. */
export const lastStep = signal<StepPoint | undefined>(undefined);
export const epochs = signal<readonly EpochReport[]>([]);
export const notes = signal<readonly Note[]>([]);

/** The last that is known of pace and memory. */
export const pace = signal<{ readonly rate: number | undefined; readonly memory: number } | undefined>(
  undefined,
);
export const savedStep = signal<number | undefined>(undefined);

/** Photographs to train on. */
export const trainingCount = computed(
  () => summary.value?.photographs.filter(({ set }) => set === 'training').length ?? 0,
);

/** Whether the form's settings may be trained by. */
export const isReady = computed(
  () => trainingCount.value > 0 && settings.value !== undefined && wrongSettings(settings.value).length === 0,
);

/** Steps of the training under way. */
export const totalSteps = computed(() => (running.value ? stepsOf(running.value, trainingCount.value) : 0));

/** Seconds that are left, validations not counted; undefined before it is known. */
export const secondsLeft = computed(() => {
  const rate = pace.value?.rate;
  if (!running.value || !rate) return undefined;
  const steps = totalSteps.value - (lastStep.value?.step ?? 0);
  return (steps * running.value.batchSize) / rate;
});

/** Points that a curve may have; more are thinned, as no screen shows them. */
const MOST_POINTS = 600;
let stride = 1;

/** Adds steps to the curves; those that are done again after a loss are there, and the same. */
export function addSteps(done: readonly StepPoint[]): void {
  const { step: last = 0 } = lastStep.value ?? {};
  const steps = done.filter(({ step }) => step > last);
  let next = [...points.value, ...steps.filter(({ step }) => step % stride === 0)];
  while (next.length > MOST_POINTS) {
    stride *= 2;
    next = next.filter(({ step }) => step % stride === 0);
  }
  points.value = next;
  lastStep.value = steps.at(-1) ?? lastStep.value;
}

/** Adds what an epoch came to, unless that is known. */
export function addEpoch(report: EpochReport): void {
  const { step = 0 } = epochs.value.at(-1) ?? {};
  if (report.step > step) epochs.value = [...epochs.value, report];
}

/** Empties the curves and notes. */
export function resetCourse(history: readonly EpochReport[] = []): void {
  stride = 1;
  points.value = [];
  lastStep.value = undefined;
  epochs.value = history;
  notes.value = [];
  pace.value = undefined;
  savedStep.value = undefined;
  failure.value = undefined;
}
