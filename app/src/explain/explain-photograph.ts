/**
 * @file The task `explainPhotograph`: what a model of the training sees in a photograph of its validation.
 */

import { Failed } from '../engine/failure.ts';
import type { Task } from '../engine/protocol.ts';
import { modelOf, type Which } from '../train/trained-model.ts';
import { type Look, lookAt } from './look.ts';

/** Which one, by its place in the set, and by which layer of which model. */
export interface ExplainInput {
  readonly place: number;
  readonly layer: string;
  readonly which: Which;
}

/** Looks at it. */
export const run: Task<ExplainInput, Look> = async ({ place, layer, which }, { engine }) => {
  const session = engine.trainingNow();
  const sample = session.data.validation[place];
  if (!sample) throw new Failed('noPhotograph', 'There is no such photograph.');
  return lookAt(await modelOf(session, which), session.config, sample, layer);
};
