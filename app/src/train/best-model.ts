/**
 * @file The model of a training's best round: that of the highest area under the ROC curve, as `fovea train` has it.
 */

import { bestEpoch, type Checkpoint, type EpochReport, type Evaluation, FoveaError } from 'fovea';
import { type BestRound, keepBest, keptBestRound } from './kept-training.ts';

/** By what a round is the best. */
export const BEST_BY = 'auc';

/** The best round, and what is known of its model. */
export interface BestModel extends BestRound {
  /** Its checkpoint, where the browser had no room to keep it. */
  readonly held?: Checkpoint;
  /** What its validation found. */
  readonly evaluation?: Evaluation | undefined;
}

/** The best round so far; undefined before the first has ended. */
export function bestRoundOf(history: readonly EpochReport[]): BestRound | undefined {
  const report = history[bestEpoch(history, BEST_BY)];
  return report && { epoch: report.epoch, step: report.step };
}

/** Keeps the checkpoint of the best round, in memory where the browser does not. */
export async function keepBestModel(checkpoint: Checkpoint, round: BestRound): Promise<BestModel> {
  try {
    await keepBest(checkpoint, round);
    return round;
  } catch (error) {
    if (!(error instanceof FoveaError)) throw error;
    return { ...round, held: checkpoint };
  }
}

/**
 * The best model of a training that is resumed at `checkpoint`. It is written where the tab was closed just before that; undefined where
 * it is gone.
 */
export async function resumedBest(checkpoint: Checkpoint): Promise<BestModel | undefined> {
  const { history, step } = checkpoint.progress;
  const round = bestRoundOf(history);
  if (!round || (await keptBestRound())?.step === round.step) return round;
  return round.step === step ? keepBestModel(checkpoint, round) : undefined;
}
