/**
 * @file The task `useTrained`: has new photographs told by the training's model as it is now.
 */

import type { Task } from '../engine/protocol.ts';
import { modelNow } from '../explain/model-now.ts';
import { setUsedModel, type UsedModelInfo } from './used-model.ts';

/** Copies its weights: the training may go on meanwhile. */
export const run: Task<void, UsedModelInfo> = async (_, { engine }) => {
  const session = engine.trainingNow();
  const model = await modelNow(session);
  return setUsedModel(session.device, session.config, await model.stateDict());
};
