/**
 * @file What `fit` takes, and what it reports.
 */

import {
  BOOLEAN,
  checkOptions,
  FUNCTION,
  isObject,
  OBJECT,
  type OptionRules,
  required,
  SIGNAL,
  STRING,
  type StopSignal,
  whole,
} from '../arguments.ts';
import type { Batch } from '../data/data-loader.ts';
import type { FoveaError } from '../errors.ts';
import { MODULE, type Module } from '../nn/module.ts';
import { OPTIMIZER, type Optimizer } from '../optim/optimizer.ts';
import { type AnyBatch, BATCH_SOURCE, type BatchSource } from './batch-source.ts';
import type { EarlyStoppingOptions } from './early-stopping.ts';
import type { Evaluation, Means } from './evaluate.ts';
import { STEP_OPTIONS, type StepOptions } from './objective.ts';
import { type EpochReport, PROGRESS, type TrainingProgress } from './progress.ts';
import type { StepValues } from './step-log.ts';

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
   * Ends the training before its last epoch when validations no longer improve. By default it never does. What the model holds
   * then are the weights of the last step, not the best.
   */
  readonly earlyStopping?: EarlyStoppingOptions | undefined;
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
   * Called, and awaited, with what a validation found by the default loss, the prediction for each photograph too, before `onEpoch` is
   * told of it.
   */
  readonly onValidation?: ((evaluation: Evaluation) => void | Promise<void>) | undefined;
  /**
   * Called, and awaited, where a validation throws, before {@link fit} throws the same: the last moment to save a checkpoint
   * of `progress`, which resumes at that validation.
   */
  readonly onFailedValidation?: ((progress: TrainingProgress<Report>) => void | Promise<void>) | undefined;
  /** Stops after the step, or the validation batch, that is under way. */
  readonly signal?: StopSignal | undefined;
  /**
   * Whether to survive the loss of the device, true by default, and how. What is on the device is then kept on the host too, for
   * which it needs that memory there once, and for moments twice.
   */
  readonly recover?: boolean | RecoverOptions | undefined;
  /**
   * Called, and awaited, when the device was lost and opened again, before steps are done again: the moment to make tensors anew that
   * came after the snapshot, and to take back what your own code counts.
   */
  readonly onDeviceLost?: ((report: RecoveryReport) => void | Promise<void>) | undefined;
}

/** How {@link FitOptions.recover} goes about it. */
export interface RecoverOptions {
  /** Steps between two snapshots; by default as many as keep them at 1 % of the time. */
  readonly every?: number | undefined;
  /** How many losses in a row are survived without a new step in between, 3 by default. */
  readonly most?: number | undefined;
}

/** What was lost with a device. */
export interface RecoveryReport {
  /** What said that the device was lost. */
  readonly error: FoveaError;
  /** The last step that had been reported. */
  readonly reached: number;
  /** The step after which it goes on: those between the two are done again, but not reported again. */
  readonly step: number;
}

/** Options of whatever kind. */
export type AnyFitOptions = FitOptions<AnyBatch, string, MeansReport>;

const RECOVER: OptionRules<RecoverOptions> = { every: whole(1), most: whole(1) };

const OPTIONS: OptionRules<AnyFitOptions> = {
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
  earlyStopping: OBJECT,
  onStep: FUNCTION,
  onEpoch: FUNCTION,
  onValidation: FUNCTION,
  onFailedValidation: FUNCTION,
  signal: SIGNAL,
  recover: {
    holds: (value) => BOOLEAN.holds(value) || isObject(value),
    words: 'true or false, or an object {every, most}',
  },
  onDeviceLost: FUNCTION,
};

/** Throws 'invalid-argument' unless `options` are what `fit` takes. */
export function checkFitOptions(options: unknown): void {
  checkOptions('fit', options, OPTIONS);
  const { recover } = options as AnyFitOptions;
  if (isObject(recover)) checkOptions('recover of fit', recover, RECOVER);
}
