/**
 * @file The task `useTrained`: has new photographs told by a model of the training.
 */

import type { Task } from '../engine/protocol.ts';
import { modelOf, type Which } from '../train/trained-model.ts';
import { setUsedModel, type UsedModelInfo } from './used-model.ts';

/** Copies its weights: the training may go on meanwhile. */
export const run: Task<Which, UsedModelInfo> = async (which, { engine }) => {
  const session = engine.trainingNow();
  const model = await modelOf(session, which);
  return setUsedModel(session.device, session.config, await model.stateDict());
};
