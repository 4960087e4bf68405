/**
 * @file The model that new photographs are shown to.
 */

import { blockFor, type Device, type ModelConfig, ResNet, type StateDict } from 'fovea';

/** A model, and what the page is told of it. */
export interface UsedModel extends UsedModelInfo {
  readonly model: ResNet;
  readonly config: ModelConfig;
  /** The layer that shows where it looks. */
  readonly layer: string;
}

/** What the page is told of a model. */
export interface UsedModelInfo {
  readonly layers: number;
  readonly size: number;
  /** The names of the classes, by label. */
  readonly classes: readonly string[];
}

let used: UsedModel | undefined;

/** The model, where one was chosen. */
export function usedModel(): UsedModel {
  if (!used) throw new Error('No model was chosen.');
  return used;
}

/** Takes a network with these weights from now on, and frees the one before. Throws 'bad-data' where the weights do not fit. */
export function setUsedModel(device: Device, config: ModelConfig, state: StateDict): UsedModelInfo {
  const { layers, classDim, size } = config;
  const model = new ResNet(device, { layers, classDim });
  try {
    model.loadStateDict(state);
  } catch (error) {
    model.dispose();
    throw error;
  }
  used?.model.dispose();
  const names = Array.from({ length: Math.max(2, classDim) }, (_, label) => `${label}`);
  const info = { layers, size, classes: config.classes ?? names };
  used = { ...info, model, config, layer: blockFor(model, size) };
  return info;
}
