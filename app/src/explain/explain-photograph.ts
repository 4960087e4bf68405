/**
 * @file The task `explainPhotograph`: what the training's model sees in a photograph of its validation.
 */

import type { Task } from '../engine/protocol.ts';
import { type Look, lookAt } from './look.ts';
import { modelNow } from './model-now.ts';

/** Which one, by its place in the set, and by which layer. */
export interface ExplainInput {
  readonly place: number;
  readonly layer: string;
}

/** Looks at it. */
export const run: Task<ExplainInput, Look> = async ({ place, layer }, { engine }) => {
  const session = engine.trainingNow();
  const sample = session.data.validation[place];
  if (!sample) throw new Error('There is no such photograph.');
  return lookAt(await modelNow(session), session.config, sample, layer);
};
