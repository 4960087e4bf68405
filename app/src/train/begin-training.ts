/**
 * @file The task `beginTraining`: makes a model for the data that was read, with its first weights.
 */

import type { DataInput } from '../data/data-set.ts';
import type { Task } from '../engine/protocol.ts';
import { keepBeginning } from './kept-training.ts';
import { claimTraining } from './one-tab.ts';
import type { TrainSettings } from './settings.ts';
import { TrainingSession } from './training-session.ts';

/** What to train, on what. */
export interface BeginInput {
  readonly settings: TrainSettings;
  /** What the data was read from, to be kept for a resumption. */
  readonly input: DataInput;
}

/** Begins; tells whether the photographs are kept, so that the training can be resumed without choosing them again. */
export const run: Task<BeginInput, boolean> = async ({ settings, input }, { engine }) => {
  const data = engine.dataNow();
  await claimTraining();
  await engine.training?.dispose();
  engine.training = undefined;
  engine.training = await TrainingSession.open(await engine.device(), data, settings);
  return keepBeginning(settings, input);
};
