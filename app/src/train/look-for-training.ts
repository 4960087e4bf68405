/**
 * @file The task `lookForTraining`: whether there is a training to resume.
 */

import type { Task } from '../engine/protocol.ts';
import { type KeptPlace, keptTraining } from './kept-training.ts';
import { isTrainingElsewhere } from './one-tab.ts';
import type { TrainSettings } from './settings.ts';

/** A training that is kept. */
export interface ResumableTraining extends KeptPlace {
  readonly settings: TrainSettings;
  /** Whether its photographs are kept too. */
  readonly hasPhotographs: boolean;
}

/** Looks. What another tab is training is not to be had. */
export const run: Task<void, ResumableTraining | undefined> = async () => {
  const kept = await keptTraining();
  if (!kept || (await isTrainingElsewhere())) return undefined;
  const { input, ...rest } = kept;
  return { ...rest, hasPhotographs: input !== undefined };
};
