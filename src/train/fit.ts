/**
 * @file Trains a model for some epochs, with a validation after each. Prints nothing, writes nothing.
 */

import { checkArgument, NUMBER } from '../arguments.ts';
import type { AnyBatch, BatchSource } from './batch-source.ts';
import { meansOf, type Progress, trainEpoch } from './epoch.ts';
import { evaluate, evaluateMeans, type Means } from './evaluate.ts';
import { type AnyFitOptions, checkFitOptions, type FitOptions, type MeansReport } from './fit-options.ts';
import { objectiveOf } from './objective.ts';
import { BEGINNING, type EpochReport, type TrainingProgress } from './progress.ts';
import { recalibrateBy } from './recalibrate.ts';
import { Recovery } from './recovery.ts';

/** How {@link fit} ended. */
export interface FitResult<Report = EpochReport> {
  /** Where to resume. */
  readonly progress: TrainingProgress<Report>;
  /** Whether all epochs are done, or what stopped it before: `earlyStopping`, `maxSteps`, or `signal`. */
  readonly reason: 'finished' | 'early-stopping' | 'max-steps' | 'aborted';
}

/**
 * Trains until `epochs` or `maxSteps` are reached, `earlyStopping` ends it or `signal` is aborted, whichever comes first. With the same
 * seeds and adapter, a training that is stopped and resumed gives the same weights, bit for bit, as one
 * that is not. So does one whose device is lost on the way: it is opened again, its memory restored as it was some steps
 * before, and these are done again (see `recover`; `device.destroy()` is no loss).
 *
 * Throws 'not-finite', naming the step and the layer, where a loss is NaN or infinite, and what {@link evaluate} and
 * `recalibrate` throw; 'bad-data' where an epoch has no photograph; 'device-lost' where a lost device cannot be opened again, or is
 * lost at the same step again and again; 'invalid-argument' for options that are missing or unknown.
 */
export async function fit(options: FitOptions): Promise<FitResult>;
export async function fit<B extends AnyBatch, Name extends string = never>(
  options: FitOptions<B, Name, MeansReport<Name>>,
): Promise<FitResult<MeansReport<Name>>>;
export async function fit(options: AnyFitOptions | FitOptions): Promise<FitResult<unknown>> {
  checkFitOptions(options);
  const run = options as AnyFitOptions;
  const { earlyStopping, monitor } = run;
  if (earlyStopping) (await loadEarlyStopping()).checkEarlyStopping(earlyStopping, monitor);
  const start: Progress = run.start ?? { ...BEGINNING, history: [] };
  run.model.train();
  if (run.recover === false || start.epoch >= run.epochs) return train(run, start);
  const recovery = new Recovery(run, start);
  return recovery.run((from) => train(run, from, recovery));
}

/** On demand, since most pages never stop early. */
const loadEarlyStopping = () => import('./early-stopping.ts');

/** Trains from `start` on. */
async function train(
  run: AnyFitOptions,
  start: Progress,
  recovery?: Recovery<Progress>,
): Promise<FitResult<MeansReport>> {
  const { optimizer, training, epochs, onEpoch, monitor = 'loss', earlyStopping } = run;
  const stopping = earlyStopping && (await loadEarlyStopping());
  let progress = start;
  while (progress.epoch < epochs) {
    if (earlyStopping && stopping?.stopsEarly(progress.history, earlyStopping, monitor)) {
      return { progress, reason: 'early-stopping' };
    }
    const isFirst = progress.step === start.step;
    const { reason, ...epoch } = await trainEpoch(run, progress, { recovery, prepare: isFirst });
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
    const { step, epoch: done, history } = progress;
    const next = { ...BEGINNING, step, epoch: done + 1, history: [...history, report] };
    progress = next;
    const tell = () => onEpoch?.(report, next);
    await (recovery ? recovery.afterEpoch(next, tell) : tell());
  }
  return { progress, reason: 'finished' };
}

/** What the validation after `trained` found; undefined where it was aborted. */
async function validate(options: AnyFitOptions, trained: Progress): Promise<Means<string> | undefined> {
  const { model, validation, signal, recalibrate: calibration, average } = options;
  const { onValidation, onFailedValidation } = options;
  const objective = objectiveOf(options);
  average?.swap();
  try {
    if (calibration) await recalibrateBy(objective, model, calibration, { signal });
    if (!objective.isDefault) return await evaluateMeans(objective, model, validation, { signal });
    const evaluation = await evaluate(model, validation as BatchSource, { signal });
    await onValidation?.(evaluation);
    const { names, labels, classDim, logits, probabilities, ...figures } = evaluation;
    return figures as object as Means<string>;
  } catch (error) {
    if (model.device.isLost) throw error; // There is nothing to save.
    if (signal?.aborted) return undefined;
    if (average?.swapped) average.swap();
    await onFailedValidation?.(trained);
    throw error;
  } finally {
    if (average?.swapped && !model.device.isLost) average.swap();
  }
}

/** Means over batches by default, else over samples. */
function reportOf(options: AnyFitOptions, progress: Progress): Omit<MeansReport, 'validation'> {
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
