/**
 * @file The task `lookForTraining`: whether there is a training to resume.
 */

import type { Task } from '../engine/protocol.ts';
import { type KeptPlace, keptTraining } from './kept-training.ts';
import type { TrainSettings } from './settings.ts';

/** A training that is kept. */
export interface ResumableTraining extends KeptPlace {
  readonly settings: TrainSettings;
  /** Whether its photographs are kept too. */
  readonly hasPhotographs: boolean;
}

/** Looks. */
export const run: Task<void, ResumableTraining | undefined> = async () => {
  const kept = await keptTraining();
  if (!kept) return undefined;
  const { input, ...rest } = kept;
  return { ...rest, hasPhotographs: input !== undefined };
};
