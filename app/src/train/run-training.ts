/**
 * @file The task `runTraining`: goes on with the engine's training until it is done or asked to stop, and keeps snapshots of it.
 */

import { type Device, type EpochReport, FoveaError, fit, type StepReport } from 'fovea';
import type { Job, Task } from '../engine/protocol.ts';
import { keepProgress } from './kept-training.ts';
import { MeasuredSource, type StepTime } from './measured-source.ts';
import { type SlowStep, SlowSteps } from './slow-steps.ts';
import type { TrainingSession } from './training-session.ts';

/** A step, as the page draws it. */
export type StepPoint = Pick<StepReport, 'step' | 'loss' | 'learningRate' | 'samples'>;

/** What a training tells of itself. */
export type TrainingEvent =
  | {
      readonly kind: 'steps';
      readonly steps: readonly StepPoint[];
      /** Photographs a second, lately. */
      readonly rate: number | undefined;
      /** Memory of the device in bytes. */
      readonly memory: number;
    }
  | { readonly kind: 'epoch'; readonly report: EpochReport }
  | { readonly kind: 'slow'; readonly slow: SlowStep }
  | { readonly kind: 'saved'; readonly step: number }
  | { readonly kind: 'unsaved'; readonly reason: string }
  | {
      readonly kind: 'reopened';
      readonly step: number;
      readonly reached: number;
      readonly reason: string;
    }
  | { readonly kind: 'corrupt'; readonly names: readonly string[] };

/** How it ended. */
export interface TrainingEnd {
  readonly reason: 'finished' | 'max-steps' | 'aborted';
  readonly step: number;
}

/** Steps before the first snapshot, by which their pace is learnt. */
const FIRST_STEPS = 5;
/** Snapshots may take one part in so many of the time. */
const SAVING_SHARE = 20;
/** Milliseconds between two messages to the page. */
const TELL_EVERY = 200;
/** Steps by which the pace is told. */
const RATE_STEPS = 10;

/** Runs it. */
export const run: Task<void, TrainingEnd, TrainingEvent> = async (_, job) => {
  const session = job.engine.trainingNow();
  const { settings, device } = session;
  const pace = new Pace(session, job);
  const limit = settings.maxSteps || Number.POSITIVE_INFINITY;
  let segment = FIRST_STEPS;
  try {
    for (;;) {
      const began = performance.now();
      const from = session.progress?.step ?? 0;
      const { progress, reason } = await fit({
        model: session.model,
        optimizer: session.optimizer,
        average: session.average,
        training: pace.source,
        validation: session.validation,
        epochs: settings.epochs,
        maxSteps: Math.min(limit, from + segment),
        start: session.progress,
        signal: job.signal,
        onStep: (report) => pace.addReport(report),
        onValidation: (evaluation) => {
          session.evaluation = evaluation;
        },
        onEpoch: (report) => job.report({ kind: 'epoch', report }),
        onDeviceLost: ({ error, step, reached }) => {
          pace.reopened = true;
          job.report({ kind: 'reopened', step, reached, reason: error.message });
        },
      });
      session.progress = progress;
      pace.tell();
      tellCorrupt(session, job);
      const trained = performance.now();
      await save(session, job);
      const goesOn = reason === 'max-steps' && progress.step < limit;
      if (!goesOn) return { reason: reason === 'early-stopping' ? 'finished' : reason, step: progress.step };
      const perStep = (trained - began) / Math.max(1, progress.step - from);
      const every = Math.max(1000 * settings.saveEvery, SAVING_SHARE * (performance.now() - trained));
      segment = Math.max(1, Math.round(every / perStep));
    }
  } finally {
    pace.tell();
    if (!device.isLost) device.trim();
  }
};

/** A training goes on where its snapshot cannot be kept, and says so. */
async function save(session: TrainingSession, { report }: Job<TrainingEvent>): Promise<void> {
  const { progress } = session;
  if (!progress) return;
  try {
    await keepProgress(await session.checkpoint(progress));
    report({ kind: 'saved', step: progress.step });
  } catch (error) {
    if (!(error instanceof FoveaError) || error.code === 'device-lost') throw error;
    report({ kind: 'unsaved', reason: error.message });
  }
}

function tellCorrupt({ training, validation }: TrainingSession, { report }: Job<TrainingEvent>): void {
  const corrupt = [...training.dataset.corrupt, ...validation.dataset.corrupt];
  if (corrupt.length > 0) report({ kind: 'corrupt', names: corrupt.map(({ name }) => name) });
}

/** Gathers what steps report, and watches how long they take. */
class Pace {
  readonly source: MeasuredSource;
  /** Whether the device was opened again during the step under way. */
  reopened = false;
  readonly #job: Job<TrainingEvent>;
  readonly #device: Device;
  readonly #slow = new SlowSteps();
  #step: number;
  #compiled: number;
  #points: StepPoint[] = [];
  #told = 0;
  /** The last steps, by which the pace is told. */
  #times: readonly StepTime[] = [];

  constructor(session: TrainingSession, job: Job<TrainingEvent>) {
    this.#job = job;
    this.#device = session.device;
    this.#step = session.progress?.step ?? 0;
    this.#compiled = this.#device.statistics.pipelinesCreated;
    this.source = new MeasuredSource(session.training, (time) => {
      this.#times = [...this.#times, time].slice(-RATE_STEPS);
      const { pipelinesCreated } = this.#device.statistics;
      const compiled = pipelinesCreated - this.#compiled;
      this.#compiled = pipelinesCreated;
      const slow = this.#slow.add(++this.#step, time, { compiled, reopened: this.reopened });
      this.reopened = false;
      if (slow) job.report({ kind: 'slow', slow });
    });
  }

  addReport({ step, loss, learningRate, samples }: StepReport): void {
    this.#step = step;
    this.#points.push({ step, loss, learningRate, samples });
    if (performance.now() - this.#told >= TELL_EVERY) this.tell();
  }

  /** Tells the page what was gathered. */
  tell(): void {
    const steps = this.#points;
    if (steps.length === 0) return;
    this.#points = [];
    this.#told = performance.now();
    const { bytesInUse, bytesIdle } = this.#device.statistics;
    this.#job.report({ kind: 'steps', steps, rate: this.#rate(), memory: bytesInUse + bytesIdle });
  }

  #rate(): number | undefined {
    const seconds = this.#times.reduce((sum, time) => sum + time.seconds, 0);
    return seconds > 0 ? this.#times.reduce((sum, time) => sum + time.samples, 0) / seconds : undefined;
  }
}
