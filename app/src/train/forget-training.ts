/**
 * @file The task `forgetTraining`: removes what is kept of a training, copies of photographs too.
 */

import type { Task } from '../engine/protocol.ts';
import { forgetTraining } from './kept-training.ts';
import { claimTraining } from './one-tab.ts';

/** Removes it. */
export const run: Task<void, void> = async () => {
  await claimTraining();
  await forgetTraining();
};
