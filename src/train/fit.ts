/**
 * @file Trains a model for some epochs, with a validation after each. Prints nothing, writes nothing.
 */

import type { Batch } from '../data/data-loader.ts';
import type { Module } from '../nn/module.ts';
import type { Momentum } from '../optim/momentum.ts';
import type { BatchSource } from './batch-source.ts';
import { evaluate } from './evaluate.ts';
import { BatchMean } from './metrics.ts';
import { BEGINNING, type EpochReport, type TrainingProgress } from './progress.ts';
import { prepareStep, trainStep } from './step.ts';
import { StepLog, type StepValues } from './step-log.ts';

/** A step that is done. */
export interface StepReport extends StepValues {
  /** From 1, over all epochs. */
  readonly step: number;
  /** From 0. */
  readonly epoch: number;
  /** From 0, in its epoch. */
  readonly batch: number;
  readonly samples: number;
  /** The rate that this step used. */
  readonly learningRate: number;
}

/** What {@link fit} takes. */
export interface FitOptions {
  /** Takes `[N, 3, size, size]`, gives one logit an image, `[N, 1]`. */
  readonly model: Module;
  /** Of the parameters of `model`. */
  readonly optimizer: Momentum;
  readonly training: BatchSource;
  readonly validation: BatchSource;
  /** Epochs in all, those before `start` included. */
  readonly epochs: number;
  /** Stops, before an epoch ends if need be, when so many steps are done, those before `start` included. */
  readonly maxSteps?: number | undefined;
  /** Where to go on; `model` and `optimizer` must be as they were there. The beginning by default. */
  readonly start?: TrainingProgress | undefined;
  /** Called for every step in order, some steps after it was started. */
  readonly onStep?: ((report: StepReport) => void) | undefined;
  /** Called, and awaited, after every validation; a good moment to save a checkpoint of `progress`. */
  readonly onEpoch?: ((report: EpochReport, progress: TrainingProgress) => void | Promise<void>) | undefined;
  /** Stops after the step, or the validation batch, that is under way. */
  readonly signal?: AbortSignal | undefined;
}

/** How a training ended. */
export interface FitResult {
  /** Where to go on. */
  readonly progress: TrainingProgress;
  readonly reason: 'finished' | 'max-steps' | 'aborted';
}

/**
 * Trains until `epochs` or `maxSteps` are reached or `signal` is aborted, whichever is first. With the same
 * seeds and adapter, a training that is stopped and gone on with gives the same weights, bit for bit, as one
 * that is not.
 */
export async function fit(options: FitOptions): Promise<FitResult> {
  const { model, training, validation, epochs, signal, onEpoch } = options;
  let progress = options.start ?? BEGINNING;
  model.train();
  while (progress.epoch < epochs) {
    const { reason, ...epoch } = await trainEpoch(options, progress);
    progress = epoch.progress;
    if (reason) return { progress, reason };
    const figures = await evaluate(model, validation, { signal }).catch((error: unknown) => {
      if (!signal?.aborted) throw error;
      return undefined;
    });
    // The next run trains no batch of this epoch, and validates.
    if (!figures) return { progress: { ...progress, batch: training.length }, reason: 'aborted' };
    const { names, labels, probabilities, ...validated } = figures;
    const report = { ...reportOf(progress), validation: validated };
    progress = {
      ...BEGINNING,
      step: progress.step,
      epoch: progress.epoch + 1,
      history: [...progress.history, report],
    };
    await onEpoch?.(report, progress);
  }
  return { progress, reason: 'finished' };
}

/** The training part of the epoch that `start` stands in; `reason` says why it was left early. */
async function trainEpoch(
  options: FitOptions,
  start: TrainingProgress,
): Promise<{ progress: TrainingProgress; reason?: 'max-steps' | 'aborted' }> {
  const { model, optimizer, training, maxSteps = Number.POSITIVE_INFINITY, signal, onStep } = options;
  const firstStep = options.start?.step ?? 0;
  const { epoch, history } = start;
  const loss = new BatchMean(start.loss);
  const accuracy = new BatchMean(start.accuracy);
  const log = new StepLog<Omit<StepReport, keyof StepValues>>(model.device, (note, values) => {
    loss.add(values.loss, note.samples);
    accuracy.add(values.accuracy, note.samples);
    onStep?.({ ...note, ...values });
  });
  let { step, batch: next } = start;
  const stopReason = () => (signal?.aborted ? 'aborted' : step >= maxSteps ? 'max-steps' : undefined);
  let reason: ReturnType<typeof stopReason>;
  try {
    for await (const batch of training.epoch(epoch, { skip: next })) {
      if ((reason = stopReason())) break;
      if (step === firstStep) await prepareStep(model, optimizer, batch);
      const { learningRate } = optimizer;
      const result = trainStep(model, optimizer, batch);
      step++;
      next = batch.index + 1;
      await log.add(noteOf(batch, { step, epoch, learningRate }), result);
    }
    await log.drain();
  } finally {
    log.dispose();
  }
  if (signal?.aborted) reason = 'aborted';
  const progress = { step, epoch, batch: next, loss: loss.state, accuracy: accuracy.state, history };
  return { progress, ...(reason ? { reason } : {}) };
}

function noteOf(
  { index, names }: Batch,
  at: Pick<StepReport, 'step' | 'epoch' | 'learningRate'>,
): Omit<StepReport, keyof StepValues> {
  return { ...at, batch: index, samples: names.length };
}

function reportOf({ epoch, step, loss, accuracy }: TrainingProgress): Omit<EpochReport, 'validation'> {
  const losses = new BatchMean(loss);
  const accuracies = new BatchMean(accuracy);
  const training = {
    loss: losses.mean,
    accuracy: accuracies.mean,
    weightedAccuracy: accuracies.weightedMean,
  };
  return { epoch, step, training };
}
