/**
 * @file The task `runTraining`: goes on with the engine's training until it is done or asked to stop, and keeps snapshots of it.
 */

import {
  type Checkpoint,
  type EpochReport,
  type Evaluation,
  FoveaError,
  fit,
  type TrainingProgress,
} from 'fovea';
import { failingAs } from '../engine/failure.ts';
import type { Job, Task } from '../engine/protocol.ts';
import { bestRoundOf, keepBestModel } from './best-model.ts';
import { type BestRound, keepProgress } from './kept-training.ts';
import { Pace } from './pace.ts';
import { renewSession } from './renew-session.ts';
import type { SlowStep } from './slow-steps.ts';
import type { StepPoint } from './step-curve.ts';
import type { TrainingSession } from './training-session.ts';

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
  | {
      readonly kind: 'epoch';
      readonly report: EpochReport;
      /** What the validation took; undefined where no step came before it. */
      readonly seconds: number | undefined;
    }
  /** From now on that round is the best, and its model is there. */
  | { readonly kind: 'best'; readonly round: BestRound }
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

/** Losses of the device in a row, without a step between them, that are survived. */
const MOST_LOSSES = 3;

/** Runs it. Losses that `fit` survives are told; after one that it does not, it goes on from what is kept. */
export const run: Task<void, TrainingEnd, TrainingEvent> = async (_, job) => {
  let session = job.engine.trainingNow();
  let reached = -1;
  for (let losses = 0; ; losses++) {
    try {
      return await failingAs('allDamaged', ['bad-data'], () => trainInSegments(session, job));
    } catch (error) {
      const isLoss = error instanceof FoveaError && error.code === 'device-lost';
      const { step: came = 0 } = session.progress ?? {};
      if (came > reached) losses = 0;
      if (!isLoss || losses >= MOST_LOSSES) throw error;
      reached = came;
      session = await renewSession(job.engine);
      const { step = 0 } = session.progress ?? {};
      job.report({ kind: 'reopened', step, reached, reason: error.message });
    }
  }
};

/** Trains from snapshot to snapshot. */
async function trainInSegments(session: TrainingSession, job: Job<TrainingEvent>): Promise<TrainingEnd> {
  const { settings, device } = session;
  const pace = new Pace(session, job);
  const limit = settings.maxSteps || Number.POSITIVE_INFINITY;
  let segment = FIRST_STEPS;
  try {
    for (;;) {
      const began = performance.now();
      const from = session.progress?.step ?? 0;
      const { reason } = await trainSegment(session, job, pace, Math.min(limit, from + segment));
      const { step = from } = session.progress ?? {};
      const trained = performance.now();
      await save(session, job);
      if (reason !== 'max-steps' || step >= limit) return { reason, step };
      const perStep = (trained - began) / Math.max(1, step - from);
      const every = Math.max(1000 * settings.saveEvery, SAVING_SHARE * (performance.now() - trained));
      segment = Math.max(1, Math.round(every / perStep));
    }
  } finally {
    pace.tell();
    if (!device.isLost) device.trim();
  }
}

/** Trains until `maxSteps` steps are done. */
async function trainSegment(
  session: TrainingSession,
  job: Job<TrainingEvent>,
  pace: Pace,
  maxSteps: number,
): Promise<Pick<TrainingEnd, 'reason'>> {
  const { model, optimizer, average, validation, settings } = session;
  let evaluation: Evaluation | undefined;
  const { progress, reason } = await fit({
    ...{ model, optimizer, average, validation, maxSteps },
    training: pace.source,
    epochs: settings.epochs,
    start: session.progress,
    signal: job.signal,
    onStep: (report) => pace.addReport(report),
    onValidation: (found) => {
      evaluation = found;
    },
    onEpoch: async (report, progress) => {
      if (evaluation) session.validated = { step: report.step, evaluation };
      job.report({ kind: 'epoch', report, seconds: pace.secondsSinceStep });
      pace.tell();
      await saveIfBest(session, progress, job);
    },
    onDeviceLost: ({ error, step, reached }) => {
      pace.reopen(step);
      job.report({ kind: 'reopened', step, reached, reason: error.message });
    },
  });
  session.progress = progress;
  pace.tell();
  tellCorrupt(session, job);
  return { reason: reason === 'early-stopping' ? 'finished' : reason };
}

/** A training goes on where its snapshot cannot be kept, and says so. */
async function save(session: TrainingSession, job: Job<TrainingEvent>): Promise<void> {
  const { progress, saved } = session;
  if (progress && progress !== saved) await saveCheckpoint(session, await session.checkpoint(progress), job);
}

async function saveCheckpoint(
  session: TrainingSession,
  checkpoint: Checkpoint,
  { report }: Job<TrainingEvent>,
): Promise<void> {
  try {
    await keepProgress(checkpoint, session.curve);
    session.saved = checkpoint.progress;
    report({ kind: 'saved', step: checkpoint.progress.step });
  } catch (error) {
    if (!(error instanceof FoveaError)) throw error;
    report({ kind: 'unsaved', reason: error.message });
  }
}

/** Saves the model of a round that has just ended as the best, if it is: after the snapshot, by which a best one that is missing is mended. */
async function saveIfBest(
  session: TrainingSession,
  progress: TrainingProgress,
  job: Job<TrainingEvent>,
): Promise<void> {
  const round = bestRoundOf(progress.history);
  if (!round || round.step !== progress.step) return;
  const checkpoint = await session.checkpoint(progress);
  await saveCheckpoint(session, checkpoint, job);
  const best = await keepBestModel(checkpoint, round);
  session.best = { ...best, evaluation: session.validated?.evaluation };
  job.report({ kind: 'best', round });
}

function tellCorrupt({ training, validation }: TrainingSession, { report }: Job<TrainingEvent>): void {
  const corrupt = [...training.dataset.corrupt, ...validation.dataset.corrupt];
  if (corrupt.length > 0) report({ kind: 'corrupt', names: corrupt.map(({ name }) => name) });
}
