/**
 * @file The model that new photographs are shown to.
 */

import { blockFor, type Device, type ModelConfig, ResNet, type StateDict } from 'fovea';
import { Failed } from '../engine/failure.ts';

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
  readonly classCount: number;
  /** Their names, by label, where they are known. */
  readonly classes?: readonly string[] | undefined;
  /** Whether the file does not say which images the network takes, so that it was assumed. */
  readonly isAssumed: boolean;
}

let used: UsedModel | undefined;

/** The model, where one was chosen. */
export function usedModel(): UsedModel {
  if (!used) throw new Failed('noModel', 'No model was chosen.');
  return used;
}

/** Takes a network with these weights from now on, and frees the one before. Throws 'bad-data' where the weights do not fit. */
export function setUsedModel(
  device: Device,
  config: ModelConfig,
  state: StateDict,
  isAssumed = false,
): UsedModelInfo {
  const { layers, classDim, size, classes } = config;
  const model = new ResNet(device, { layers, classDim });
  try {
    model.loadStateDict(state);
  } catch (error) {
    model.dispose();
    throw error;
  }
  used?.model.dispose();
  const info = { layers, size, classCount: Math.max(2, classDim), classes, isAssumed };
  used = { ...info, model, config, layer: blockFor(model, size) };
  return info;
}
