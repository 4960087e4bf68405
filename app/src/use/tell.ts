/**
 * @file The task `tell`: what the chosen model says of a new photograph.
 */

import { failingAs } from '../engine/failure.ts';
import type { Task } from '../engine/protocol.ts';
import { type Look, lookAt } from '../explain/look.ts';
import { usedModel } from './used-model.ts';

/** Looks at the photograph in a file. */
export const run: Task<File, Look> = async (file) => {
  const { model, config, layer } = usedModel();
  const source = { bytes: file.size, read: async () => new Uint8Array(await file.arrayBuffer()) };
  const sample = { name: file.name, path: file.name, label: 0, source };
  return failingAs('photograph', ['bad-file'], () => lookAt(model, config, sample, layer, 1));
};
