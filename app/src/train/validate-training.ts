/**
 * @file The task `validateTraining`: validates the model as it is, for instance after it was stopped within an epoch.
 */

import { BatchMean, type EpochReport } from 'fovea';
import type { Task } from '../engine/protocol.ts';

/** Validates, unless a round has just ended, which did; gives the figures, of training too. The predictions stay with the training. */
export const run: Task<void, { readonly report?: EpochReport }> = async (_, { engine }) => {
  const session = engine.trainingNow();
  const { progress } = session;
  if (!progress || progress.history.at(-1)?.step === progress.step) return {};
  const { names, labels, classDim, logits, probabilities, ...validation } = await session.validate();
  const [loss, accuracy] = [new BatchMean(progress.loss), new BatchMean(progress.accuracy)];
  const training = {
    loss: loss.mean,
    accuracy: accuracy.mean,
    weightedAccuracy: accuracy.weightedMean,
  };
  return { report: { epoch: progress.epoch, step: progress.step, training, validation } };
};
