/**
 * @file Where a training stands: what a checkpoint keeps beside the weights, as `progress-format.ts` has it.
 */

import { checkArgument, isObject, listOf, oneOf, type Rule, whole } from '../arguments.ts';
import type { EvaluationFigures, Figures } from './evaluate.ts';
import { BatchMean, type BatchMeanState } from './metrics.ts';

/** What an epoch came to. */
export interface EpochReport<Training = Figures, Validation = EvaluationFigures> {
  /** From 0. */
  readonly epoch: number;
  /** Steps done when it ended. */
  readonly step: number;
  /** Figures of the steps of the epoch. */
  readonly training: Training;
  /** Figures of the validation after them. */
  readonly validation: Validation;
}

/** Where a training stands; plain data, which survives JSON but for NaN (see `parseNumbers`). */
export interface TrainingProgress<Report = EpochReport> {
  /** Steps done. */
  readonly step: number;
  /** The epoch under way, from 0. */
  readonly epoch: number;
  /** Batches of that epoch that are done. */
  readonly batch: number;
  /** Sums of the loss over those batches. */
  readonly loss: BatchMeanState;
  /** Sums of a metric called accuracy, where there is one. */
  readonly accuracy?: BatchMeanState | undefined;
  /** Sums of the other metrics, by name. */
  readonly metrics?: Readonly<Record<string, BatchMeanState>> | undefined;
  /** The epochs before. */
  readonly history: readonly Report[];
}

/** Before the first step. */
export const BEGINNING: TrainingProgress = {
  step: 0,
  epoch: 0,
  batch: 0,
  loss: new BatchMean().state,
  accuracy: new BatchMean().state,
  history: [],
};

/** What makes an epoch the best: the highest validation AUC or accuracy, or the lowest validation loss. */
export type BestBy = (typeof BEST_BY)[number];

/** All that {@link BestBy} may be. */
export const BEST_BY = ['auc', 'accuracy', 'loss'] as const;

const BEST = /* @__PURE__ */ oneOf(...BEST_BY);
const HISTORY = /* @__PURE__ */ listOf(
  {
    holds: (value) => isObject(value) && isObject((value as EpochReport).validation),
    words: 'an EpochReport',
  },
  'an array of EpochReports, as fit() gives it',
);

/**
 * The first of the best epochs, an index of `history`; -1 where there is none. Where no epoch has an AUC, since the validation
 * photographs are of one class, accuracy decides. Throws 'invalid-argument' for what is no history.
 */
export function bestEpoch(history: readonly EpochReport[], by: BestBy = 'accuracy'): number {
  checkArgument('the history of bestEpoch', history, HISTORY);
  checkArgument('by of bestEpoch', by, BEST);
  const figures = history.map(({ validation }) => (by === 'loss' ? -validation.loss : validation[by]));
  const known = figures.filter((figure) => !Number.isNaN(figure));
  if (known.length === 0 && by === 'auc') return bestEpoch(history);
  return figures.indexOf(Math.max(...known));
}

const COUNT = whole(0);

/** A {@link TrainingProgress}; what it holds of epochs and means is looked at by those who use it. */
export const PROGRESS: Rule = {
  holds: (value) => {
    if (!isObject(value)) return false;
    const { step, epoch, batch, loss, history } = value as TrainingProgress;
    return [step, epoch, batch].every(COUNT.holds) && isObject(loss) && Array.isArray(history);
  },
  words: 'a TrainingProgress, as fit() and checkpoints give it',
};
