/**
 * @file Trains a model for some epochs, with a validation after each. Prints nothing, writes nothing.
 */

import { checkOptions, FUNCTION, type OptionRules, required, SIGNAL, whole } from '../arguments.ts';
import type { Batch } from '../data/data-loader.ts';
import { check } from '../errors.ts';
import { MODULE, type Module } from '../nn/module.ts';
import { OPTIMIZER, type Optimizer } from '../optim/optimizer.ts';
import { BATCH_SOURCE, type BatchSource, batchesOf } from './batch-source.ts';
import { type Evaluation, evaluate } from './evaluate.ts';
import { BatchMean } from './metrics.ts';
import { type LostStep, lossNotFinite } from './not-finite.ts';
import { BEGINNING, type EpochReport, PROGRESS, type TrainingProgress } from './progress.ts';
import { recalibrate } from './recalibrate.ts';
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

/** What is known of a step before its values are read. */
interface StepNote {
  readonly at: Pick<StepReport, 'step' | 'epoch' | 'learningRate'>;
  readonly batch: Batch;
}

/** What {@link fit} takes. */
export interface FitOptions {
  /** Takes `[N, 3, size, size]`, gives one logit per image, `[N, 1]`. */
  readonly model: Module;
  /** Of the parameters of `model`. */
  readonly optimizer: Optimizer;
  readonly training: BatchSource;
  readonly validation: BatchSource;
  /** Epochs in all, those before `start` included. */
  readonly epochs: number;
  /** Stops, before an epoch ends if need be, when so many steps are done, those before `start` included. */
  readonly maxSteps?: number | undefined;
  /** Where to resume; `model` and `optimizer` must be as they were there. The beginning by default. */
  readonly start?: TrainingProgress | undefined;
  /**
   * Batches, of the training set usually, that the running statistics are taken from before each validation, see
   * `recalibrate`. By default they are what the steps have made of them, which takes some fifty steps to settle.
   */
  readonly recalibrate?: BatchSource | undefined;
  /** Called for every step in order, some steps after it was started. */
  readonly onStep?: ((report: StepReport) => void) | undefined;
  /** Called, and awaited, after every validation; a good moment to save a checkpoint of `progress`. */
  readonly onEpoch?: ((report: EpochReport, progress: TrainingProgress) => void | Promise<void>) | undefined;
  /**
   * Called, and awaited, where a validation throws, before {@link fit} throws the same: the last moment to save a checkpoint
   * of `progress`, which resumes at that validation.
   */
  readonly onFailedValidation?: ((progress: TrainingProgress) => void | Promise<void>) | undefined;
  /** Stops after the step, or the validation batch, that is under way. */
  readonly signal?: AbortSignal | undefined;
}

const OPTIONS: OptionRules<FitOptions> = {
  model: required(MODULE),
  optimizer: required(OPTIMIZER),
  training: required(BATCH_SOURCE),
  validation: required(BATCH_SOURCE),
  epochs: required(whole(1)),
  maxSteps: whole(0),
  start: PROGRESS,
  recalibrate: BATCH_SOURCE,
  onStep: FUNCTION,
  onEpoch: FUNCTION,
  onFailedValidation: FUNCTION,
  signal: SIGNAL,
};

/** How a training ended. */
export interface FitResult {
  /** Where to resume. */
  readonly progress: TrainingProgress;
  readonly reason: 'finished' | 'max-steps' | 'aborted';
}

/**
 * Trains until `epochs` or `maxSteps` are reached or `signal` is aborted, whichever is first. With the same
 * seeds and adapter, a training that is stopped and gone on with gives the same weights, bit for bit, as one
 * that is not.
 *
 * Throws 'not-finite', naming the step and the layer, where a loss is NaN or infinite, and what {@link evaluate} and
 * `recalibrate` throw; 'bad-data' where an epoch has no photograph; 'invalid-argument' for options that are missing or none.
 */
export async function fit(options: FitOptions): Promise<FitResult> {
  checkOptions('fit', options, OPTIONS);
  const { model, training, epochs, onEpoch } = options;
  let progress = options.start ?? BEGINNING;
  model.train();
  while (progress.epoch < epochs) {
    const { reason, ...epoch } = await trainEpoch(options, progress);
    progress = epoch.progress;
    if (reason) return { progress, reason };
    // One that resumes here trains no batch of this epoch, and validates.
    const trained = { ...progress, batch: training.length };
    const figures = await validate(options, trained);
    if (!figures) return { progress: trained, reason: 'aborted' };
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

/** What the validation after `trained` found; undefined where it was aborted. */
async function validate(
  { model, validation, signal, recalibrate: calibration, onFailedValidation }: FitOptions,
  trained: TrainingProgress,
): Promise<Evaluation | undefined> {
  try {
    if (calibration) await recalibrate(model, calibration, { signal });
    return await evaluate(model, validation, { signal });
  } catch (error) {
    if (signal?.aborted) return undefined;
    await onFailedValidation?.(trained);
    throw error;
  }
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
  const lost: LostStep[] = [];
  const log = new StepLog<StepNote>(model.device, ({ at, batch }, values) => {
    // What follows a lost step is lost too.
    if (lost.length > 0 || !Number.isFinite(values.loss)) {
      lost.push({ ...at, ...values, batch });
      return;
    }
    const samples = batch.names.length;
    loss.add(values.loss, samples);
    accuracy.add(values.accuracy, samples);
    onStep?.({ ...at, batch: batch.index, samples, ...values });
  });
  const checkLost = async () => {
    if (lost.length > 0) throw await lossNotFinite(model, lost[0]!, step);
  };
  let { step, batch: next } = start;
  const stopReason = () => (signal?.aborted ? 'aborted' : step >= maxSteps ? 'max-steps' : undefined);
  let reason: ReturnType<typeof stopReason>;
  try {
    for await (const batch of batchesOf('fit', training, epoch, { skip: next })) {
      if ((reason = stopReason())) break;
      if (step === firstStep) await prepareStep(model, optimizer, batch);
      const { learningRate } = optimizer;
      const result = trainStep(model, optimizer, batch);
      step++;
      next = batch.index + 1;
      await log.add({ at: { step, epoch, learningRate }, batch }, result);
      await checkLost();
    }
    await log.drain();
    await checkLost();
  } finally {
    log.dispose();
  }
  if (signal?.aborted) reason = 'aborted';
  check(next > 0 || reason !== undefined, 'bad-data', () => {
    return `epoch ${epoch + 1} has no photographs to train on: the source gave no batch, or every image was skipped as corrupt.`;
  });
  const progress = { step, epoch, batch: next, loss: loss.state, accuracy: accuracy.state, history };
  return { progress, ...(reason ? { reason } : {}) };
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
