/**
 * @file The task `useFile`: has new photographs told by the weights in a file.
 */

import { decodeWeights } from 'fovea';
import type { Task } from '../engine/protocol.ts';
import { setUsedModel, type UsedModelInfo } from './used-model.ts';

/** Reads a `.safetensors`, `.pdparams` or `.pth`. */
export const run: Task<File, UsedModelInfo> = async (file, { engine }) => {
  const { config, state } = await decodeWeights(new Uint8Array(await file.arrayBuffer()));
  return setUsedModel(await engine.device(), config, state);
};
