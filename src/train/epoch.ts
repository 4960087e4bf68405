/**
 * @file The steps of one epoch.
 */

import { check } from '../errors.ts';
import { type AnyBatch, batchesOf, samplesOf } from './batch-source.ts';
import type { AnyFitOptions, MeansReport, StepReport } from './fit-options.ts';
import { BatchMean, type BatchMeanState } from './metrics.ts';
import { type LostStep, lossNotFinite } from './not-finite.ts';
import { computationOf, type Objective, objectiveOf, type StepOptions } from './objective.ts';
import type { TrainingProgress } from './progress.ts';
import type { Recovery } from './recovery.ts';
import { prepareStep, trainStep } from './step.ts';
import { StepLog } from './step-log.ts';

/** Where a training stands, whatever its figures. */
export type Progress = TrainingProgress<MeansReport>;

/** What is known of a step before its values are read. */
interface StepNote {
  readonly at: Pick<StepReport, 'step' | 'epoch' | 'learningRate'>;
  readonly batch: AnyBatch;
  readonly samples: number;
  /** Takes where the training stood after it, where that is kept. */
  readonly tell: ((progress: Progress) => void) | undefined;
}

/** How far the steps of an epoch came. */
export interface TrainedEpoch {
  readonly progress: Progress;
  /** Why it was left early, if it was. */
  readonly reason?: 'max-steps' | 'aborted';
}

/** Trains the epoch that `start` stands in. What the first step needs is compiled before it, where `prepare` says so. */
export async function trainEpoch(
  options: AnyFitOptions,
  start: Progress,
  { recovery, prepare }: { readonly recovery: Recovery<Progress> | undefined; readonly prepare: boolean },
): Promise<TrainedEpoch> {
  const { model, optimizer, training, maxSteps = Number.POSITIVE_INFINITY, signal, onStep } = options;
  const objective = objectiveOf(options);
  const stepOptions = stepOptionsOf(options);
  const { epoch, history } = start;
  const means = meansOf(objective, start);
  const after = (step: number, batch: number) => ({ step, epoch, batch, ...statesOf(means), history });
  const lost: LostStep[] = [];
  const log = new StepLog<StepNote>(model.device, objective.names, ({ at, batch, samples, tell }, values) => {
    // What follows a lost step is lost too.
    const { loss = Number.NaN } = values;
    if (lost.length > 0 || !Number.isFinite(loss)) {
      lost.push({ ...at, loss, batch: computationOf(objective, model, batch) });
      return;
    }
    for (const [name, mean] of means) mean.add(values[name]!, samples);
    tell?.(after(at.step, batch.index + 1));
    if (recovery?.isDoneAgain(at.step)) return;
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
      if (prepare && step === start.step) await prepareStep(model, optimizer, batch, stepOptions);
      const { learningRate } = optimizer;
      const result = trainStep(model, optimizer, batch, stepOptions);
      step++;
      next = batch.index + 1;
      const tell = recovery?.takeWhenDue(step);
      await log.add({ at: { step, epoch, learningRate }, batch, samples: samplesOf(batch), tell }, result);
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
  return { progress: after(step, next), ...(reason ? { reason } : {}) };
}

/** The options of `fit` that its steps take. */
function stepOptionsOf({ loss, metrics, forward, clipGradNorm, average }: AnyFitOptions): StepOptions {
  return { loss, metrics, clipGradNorm, average, ...(forward ? { forward } : {}) };
}

/** The means of an epoch under way, by name. */
export function meansOf(
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
