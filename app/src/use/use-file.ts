/**
 * @file The task `useFile`: has new photographs told by the weights in a file.
 */

import { decodeWeights } from 'fovea';
import { failingAs } from '../engine/failure.ts';
import type { Task } from '../engine/protocol.ts';
import { setUsedModel, type UsedModelInfo } from './used-model.ts';

/** Reads a `.safetensors`, `.pdparams` or `.pth`. */
export const run: Task<File, UsedModelInfo> = async (file, { engine }) => {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const device = await engine.device();
  return failingAs('weights', ['bad-file', 'bad-data', 'shape-mismatch'], async () => {
    const { config, state, hasConfig } = await decodeWeights(bytes);
    return setUsedModel(device, config, state, !hasConfig);
  });
};
