/**
 * @file Where the training stands, as the page Train shows it. What can be done is in `actions.ts`.
 */

import { computed, signal } from '@preact/signals';
import type { EpochReport, RecipeName } from 'fovea';
import { summary } from '../data/state.ts';
import type { Failure } from '../engine/failure.ts';
import type { Estimate } from './estimate.ts';
import type { BestRound } from './kept-training.ts';
import type { ResumableTraining } from './look-for-training.ts';
import { stepsOf, type TrainSettings, wrongSettings } from './settings.ts';
import type { SlowReason, SlowStep } from './slow-steps.ts';
import { addSteps as addTo, NO_STEPS, type StepCurve, type StepPoint } from './step-curve.ts';
import { secondsLeft } from './time-left.ts';

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
export const failure = signal<Failure | undefined>(undefined);

/** What the settings of the form will take; undefined where nobody asked. */
export const estimate = signal<Partial<Estimate> | 'asking' | undefined>(undefined);

/** A training that is kept from before. */
export const resumable = signal<ResumableTraining | undefined>(undefined);

const curve = signal<StepCurve>(NO_STEPS);

/** Steps for the curves, some left out where there are many. */
export const points = computed(() => curve.value.points);

/** The last step. */
export const lastStep = computed(() => curve.value.last);
export const epochs = signal<readonly EpochReport[]>([]);
export const notes = signal<readonly Note[]>([]);

/** The last that is known of pace and memory. */
export const pace = signal<{ readonly rate: number | undefined; readonly memory: number } | undefined>(
  undefined,
);
export const savedStep = signal<number | undefined>(undefined);

/** The round whose model is the best so far. */
export const best = signal<BestRound | undefined>(undefined);

/** What the last validation took, in seconds. */
const validationSeconds = signal<number | undefined>(undefined);

/** Photographs to train on, of those that are chosen now. */
export const trainingCount = computed(
  () => summary.value?.photographs.filter(({ set }) => set === 'training').length ?? 0,
);

/** Whether the form's settings may be trained by. */
export const isReady = computed(
  () => trainingCount.value > 0 && settings.value !== undefined && wrongSettings(settings.value).length === 0,
);

/** Photographs that the training under way is on: others may be chosen meanwhile. */
const trainedOn = signal(0);

/** Steps of the training under way. */
export const totalSteps = computed(() => (running.value ? stepsOf(running.value, trainedOn.value) : 0));

/** Steps of the training that are done, those before it was resumed too. */
export const stepsDone = computed(() => Math.max(lastStep.value?.step ?? 0, savedStep.value ?? 0));

/** Seconds that are left; undefined before the pace is known. */
export const timeLeft = computed(() => {
  const rate = pace.value?.rate;
  if (!running.value || !rate) return undefined;
  return secondsLeft({
    settings: running.value,
    photographs: trainedOn.value,
    stepsDone: stepsDone.value,
    roundsDone: epochs.value.length,
    rate,
    validationSeconds: validationSeconds.value,
  });
});

/** Adds steps to the curves. */
export function addSteps(done: readonly StepPoint[]): void {
  curve.value = addTo(curve.value, done);
}

/** Adds what an epoch came to, unless that is known, and what its validation took. */
export function addEpoch(report: EpochReport, seconds?: number): void {
  const { step = 0 } = epochs.value.at(-1) ?? {};
  if (report.step > step) epochs.value = [...epochs.value, report];
  validationSeconds.value = seconds ?? validationSeconds.value;
}

/** Where a training begins, or stood when it was saved. */
export interface Course {
  readonly history: readonly EpochReport[];
  readonly curve: StepCurve;
  readonly best: BestRound | undefined;
}

/** Begins the curves and notes anew. */
export function resetCourse(from: Course = { history: [], curve: NO_STEPS, best: undefined }): void {
  trainedOn.value = trainingCount.value;
  curve.value = from.curve;
  epochs.value = from.history;
  best.value = from.best;
  notes.value = [];
  pace.value = undefined;
  validationSeconds.value = undefined;
  savedStep.value = undefined;
  failure.value = undefined;
}
