/**
 * @file Trains a model for some epochs, with a validation after each. Prints nothing, writes nothing.
 */

import {
  checkArgument,
  checkOptions,
  FUNCTION,
  NUMBER,
  type OptionRules,
  required,
  SIGNAL,
  STRING,
  type StopSignal,
  whole,
} from '../arguments.ts';
import type { Batch } from '../data/data-loader.ts';
import { check } from '../errors.ts';
import { MODULE, type Module } from '../nn/module.ts';
import { OPTIMIZER, type Optimizer } from '../optim/optimizer.ts';
import { type AnyBatch, BATCH_SOURCE, type BatchSource, batchesOf, samplesOf } from './batch-source.ts';
import { evaluate, evaluateMeans, type Means } from './evaluate.ts';
import { BatchMean, type BatchMeanState } from './metrics.ts';
import { type LostStep, lossNotFinite } from './not-finite.ts';
import { computationOf, type Objective, objectiveOf, STEP_OPTIONS, type StepOptions } from './objective.ts';
import { BEGINNING, type EpochReport, PROGRESS, type TrainingProgress } from './progress.ts';
import { recalibrateBy } from './recalibrate.ts';
import { prepareStep, trainStep } from './step.ts';
import { StepLog, type StepValues } from './step-log.ts';

/** A step that is done: when it was, and its loss and metrics. */
export type StepReport<Name extends string = 'accuracy'> = StepValues<Name> & {
  /** From 1, over all epochs. */
  readonly step: number;
  /** From 0. */
  readonly epoch: number;
  /** From 0, in its epoch. */
  readonly batch: number;
  /** Samples of its batch. */
  readonly samples: number;
  /** The rate that this step used. */
  readonly learningRate: number;
};

/** What is known of a step before its values are read. */
interface StepNote {
  readonly at: Pick<StepReport, 'step' | 'epoch' | 'learningRate'>;
  readonly batch: AnyBatch;
  readonly samples: number;
}

/** A training's own figures of an epoch: means over samples, of the loss and of each metric. */
export type MeansReport<Name extends string = string> = EpochReport<Means<Name>, Means<Name>>;

/** What {@link fit} takes; the types follow from the batches, the metrics and the reports. */
export interface FitOptions<
  B extends AnyBatch = Batch,
  Name extends string = 'accuracy',
  Report extends MeansReport<never> | EpochReport = EpochReport,
> extends StepOptions<B, Name> {
  /** Takes the inputs of a batch: by default photographs `[N, 3, size, size]`, of which it gives one logit each, `[N, 1]`. */
  readonly model: Module;
  /** Of the parameters of `model`. */
  readonly optimizer: Optimizer;
  /** What it trains on. */
  readonly training: BatchSource<B>;
  /** What it validates on after every epoch. */
  readonly validation: BatchSource<B>;
  /** Epochs in all, those before `start` included. */
  readonly epochs: number;
  /** Stops, before an epoch ends if need be, when so many steps are done, those before `start` included. */
  readonly maxSteps?: number | undefined;
  /** The point to resume from; `model` and `optimizer` must be as they were there. The beginning by default. */
  readonly start?: TrainingProgress<Report> | undefined;
  /** The figure of each validation that schedules such as `ReduceOnPlateau` are told, 'loss' by default. */
  readonly monitor?: string | undefined;
  /**
   * Batches, usually of the training set, from which the running statistics are computed before each validation, see
   * `recalibrate`. By default they are the ones that the steps left, which take some fifty steps to settle.
   */
  readonly recalibrate?: BatchSource<B> | undefined;
  /** Called for every step in order, some steps after it was started. */
  readonly onStep?: ((report: StepReport<Name>) => void) | undefined;
  /** Called, and awaited, after every validation; a good moment to save a checkpoint of `progress`. */
  readonly onEpoch?:
    | ((report: Report, progress: TrainingProgress<Report>) => void | Promise<void>)
    | undefined;
  /**
   * Called, and awaited, where a validation throws, before {@link fit} throws the same: the last moment to save a checkpoint
   * of `progress`, which resumes at that validation.
   */
  readonly onFailedValidation?: ((progress: TrainingProgress<Report>) => void | Promise<void>) | undefined;
  /** Stops after the step, or the validation batch, that is under way. */
  readonly signal?: StopSignal | undefined;
}

/** Options of whatever kind. */
type AnyOptions = FitOptions<AnyBatch, string, MeansReport>;

const OPTIONS: OptionRules<AnyOptions> = {
  model: required(MODULE),
  optimizer: required(OPTIMIZER),
  training: required(BATCH_SOURCE),
  validation: required(BATCH_SOURCE),
  epochs: required(whole(1)),
  maxSteps: whole(0),
  start: PROGRESS,
  recalibrate: BATCH_SOURCE,
  ...STEP_OPTIONS,
  monitor: STRING,
  onStep: FUNCTION,
  onEpoch: FUNCTION,
  onFailedValidation: FUNCTION,
  signal: SIGNAL,
};

/** How {@link fit} ended. */
export interface FitResult<Report = EpochReport> {
  /** Where to resume. */
  readonly progress: TrainingProgress<Report>;
  /** Whether all epochs are done, or `maxSteps`, or `signal` stopped it before. */
  readonly reason: 'finished' | 'max-steps' | 'aborted';
}

/**
 * Trains until `epochs` or `maxSteps` are reached or `signal` is aborted, whichever comes first. With the same
 * seeds and adapter, a training that is stopped and resumed gives the same weights, bit for bit, as one
 * that is not.
 *
 * Throws 'not-finite', naming the step and the layer, where a loss is NaN or infinite, and what {@link evaluate} and
 * `recalibrate` throw; 'bad-data' where an epoch has no photograph; 'invalid-argument' for options that are missing or unknown.
 */
export async function fit(options: FitOptions): Promise<FitResult>;
export async function fit<B extends AnyBatch, Name extends string = never>(
  options: FitOptions<B, Name, MeansReport<Name>>,
): Promise<FitResult<MeansReport<Name>>>;
export async function fit(options: AnyOptions | FitOptions): Promise<FitResult<unknown>> {
  checkOptions('fit', options, OPTIONS);
  const run = options as AnyOptions;
  const { model, optimizer, training, epochs, onEpoch, monitor = 'loss' } = run;
  let progress: TrainingProgress<MeansReport> = run.start ?? { ...BEGINNING, history: [] };
  model.train();
  while (progress.epoch < epochs) {
    const { reason, ...epoch } = await trainEpoch(run, progress);
    progress = epoch.progress;
    if (reason) return { progress, reason };
    // One that resumes here trains no batch of this epoch, and validates.
    const trained = { ...progress, batch: training.length };
    const validation = await validate(run, trained);
    if (!validation) return { progress: trained, reason: 'aborted' };
    const report = { ...reportOf(run, progress), validation };
    const figure: unknown = report.validation[monitor as 'loss'];
    checkArgument(`the figure ${monitor} of a validation, which fit is to monitor,`, figure, NUMBER);
    optimizer.observe(figure as number);
    progress = {
      ...{ ...BEGINNING, history: [] },
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
  options: AnyOptions,
  trained: TrainingProgress<MeansReport>,
): Promise<Means<string> | undefined> {
  const { model, validation, signal, recalibrate: calibration, average, onFailedValidation } = options;
  const objective = objectiveOf(options);
  average?.swap();
  try {
    if (calibration) await recalibrateBy(objective, model, calibration, { signal });
    if (!objective.isDefault) return await evaluateMeans(objective, model, validation, { signal });
    const { names, labels, probabilities, ...figures } = await evaluate(model, validation as BatchSource, {
      signal,
    });
    return figures as object as Means<string>;
  } catch (error) {
    if (signal?.aborted) return undefined;
    if (average?.swapped) average.swap();
    await onFailedValidation?.(trained);
    throw error;
  } finally {
    if (average?.swapped) average.swap();
  }
}

/** The training part of the epoch that `start` stands in; `reason` says why it was left early. */
async function trainEpoch(
  options: AnyOptions,
  start: TrainingProgress<MeansReport>,
): Promise<{ progress: TrainingProgress<MeansReport>; reason?: 'max-steps' | 'aborted' }> {
  const { model, optimizer, training, maxSteps = Number.POSITIVE_INFINITY, signal, onStep } = options;
  const objective = objectiveOf(options);
  const stepOptions = stepOptionsOf(options);
  const firstStep = options.start?.step ?? 0;
  const { epoch, history } = start;
  const means = meansOf(objective, start);
  const lost: LostStep[] = [];
  const log = new StepLog<StepNote>(model.device, objective.names, ({ at, batch, samples }, values) => {
    // What follows a lost step is lost too.
    const { loss = Number.NaN } = values;
    if (lost.length > 0 || !Number.isFinite(loss)) {
      lost.push({ ...at, loss, batch: computationOf(objective, model, batch) });
      return;
    }
    for (const [name, mean] of means) mean.add(values[name]!, samples);
    onStep?.({ ...at, batch: batch.index, samples, ...values });
  });
  const checkLost = async () => {
    if (lost.length > 0) throw await lossNotFinite(model, lost[0]!, step);
  };
  let { step, batch: next } = start;
  const stopReason = () => (signal?.aborted ? 'aborted' : step >= maxSteps ? 'max-steps' : undefined);
  let reason: ReturnType<typeof stopReason>;
  try {
    for await (const batch of batchesOf('fit', training, epoch, objective.check, { skip: next })) {
      if ((reason = stopReason())) break;
      if (step === firstStep) await prepareStep(model, optimizer, batch, stepOptions);
      const { learningRate } = optimizer;
      const result = trainStep(model, optimizer, batch, stepOptions);
      step++;
      next = batch.index + 1;
      await log.add({ at: { step, epoch, learningRate }, batch, samples: samplesOf(batch) }, result);
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
  const progress = { step, epoch, batch: next, ...statesOf(means), history };
  return { progress, ...(reason ? { reason } : {}) };
}

/** The options of `fit` that its steps take. */
function stepOptionsOf({ loss, metrics, forward, clipGradNorm, average }: AnyOptions): StepOptions {
  return { loss, metrics, clipGradNorm, average, ...(forward ? { forward } : {}) };
}

/** The means of an epoch under way, by name. */
function meansOf(
  { names }: Objective,
  { loss, accuracy, metrics }: TrainingProgress<unknown>,
): ReadonlyMap<string, BatchMean> {
  const states: Record<string, BatchMeanState | undefined> = { ...metrics, accuracy, loss };
  return new Map(['loss', ...names].map((name) => [name, new BatchMean(states[name])]));
}

/** What {@link meansOf} continues from. */
function statesOf(
  means: ReadonlyMap<string, BatchMean>,
): Pick<TrainingProgress, 'loss' | 'accuracy' | 'metrics'> {
  const { loss, accuracy, ...metrics } = Object.fromEntries(
    [...means].map(([name, { state }]) => [name, state]),
  );
  return {
    loss: loss!,
    ...(accuracy ? { accuracy } : {}),
    ...(Object.keys(metrics).length > 0 ? { metrics } : {}),
  };
}

/** Means over batches by default, else over samples. */
function reportOf(
  options: AnyOptions,
  progress: TrainingProgress<MeansReport>,
): Omit<MeansReport, 'validation'> {
  const { epoch, step } = progress;
  const objective = objectiveOf(options);
  const means = meansOf(objective, progress);
  const training = objective.isDefault
    ? {
        loss: means.get('loss')!.mean,
        accuracy: means.get('accuracy')!.mean,
        weightedAccuracy: means.get('accuracy')!.weightedMean,
      }
    : (Object.fromEntries([...means].map(([name, mean]) => [name, mean.weightedMean])) as Means<string>);
  return { epoch, step, training };
}
