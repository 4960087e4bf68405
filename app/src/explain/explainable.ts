/**
 * @file The task `explainable`: what there is to explain, and by which layers.
 */

import { blockFor } from 'fovea';
import type { Task } from '../engine/protocol.ts';
import { modelOf, type Which } from '../train/trained-model.ts';

/** The photographs that the training is validated on, and the model's blocks. */
export interface Explainable {
  readonly classes: readonly string[];
  readonly photographs: readonly { readonly name: string; readonly label: number }[];
  /** The names of the residual blocks, from the first to the last. */
  readonly layers: readonly string[];
  /** The one that suits the size of the images. */
  readonly layer: string;
}

/** Asks the training for one of its models. */
export const run: Task<Which, Explainable> = async (which, { engine }) => {
  const session = engine.trainingNow();
  const { classes, validation } = session.data;
  const model = await modelOf(session, which);
  const names = model.namedModules().map(([name]) => name);
  return {
    classes,
    photographs: validation.map(({ name, label }) => ({ name, label })),
    layers: names.filter((name) => name.startsWith('bb_') && !name.includes('.')),
    layer: blockFor(model, session.config.size),
  };
};
