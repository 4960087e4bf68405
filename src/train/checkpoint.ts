/**
 * @file A checkpoint: all that a training needs to go on, as a safetensors file.
 *
 *     conv._conv.weight, …             parameters and running statistics, named as in the state dict
 *     velocity.conv._conv.weight, …    velocities of the optimizer, one a parameter
 *     __metadata__                     format, model, optimizerStep, progress: JSON
 *
 * The order of the batches needs no state of its own: it follows from the loader's seed, the epoch and the batch.
 */

import type { ChannelOrder } from '../data/image.ts';
import type { Device } from '../device/device.ts';
import { check, FoveaError } from '../errors.ts';
import { decodeSafetensors, encodeSafetensors, type SafetensorsTensor } from '../io/safetensors.ts';
import type { Module } from '../nn/module.ts';
import { ResNet, type ResNetLayers } from '../nn/resnet.ts';
import type { StateDict } from '../nn/state-dict.ts';
import type { Momentum, MomentumState } from '../optim/momentum.ts';
import { firstUnusable } from './finite.ts';
import { parseNumbers, type TrainingProgress } from './progress.ts';

/** Which network this is, and which images it takes. */
export interface ModelConfig {
  readonly layers: ResNetLayers;
  /** Numbers that come out for an image. */
  readonly classDim: number;
  /** Side of the images in pixels. */
  readonly size: number;
  readonly channelOrder: ChannelOrder;
}

/** The contents of a checkpoint. */
export interface Checkpoint {
  readonly config: ModelConfig;
  /** Parameters and running statistics. */
  readonly model: StateDict;
  readonly optimizer: MomentumState;
  readonly progress: TrainingProgress;
}

const FORMAT = 'fovea-checkpoint-1';
const VELOCITY = 'velocity.';

/** Reads all that a training needs to go on. */
export async function takeCheckpoint(
  model: Module,
  optimizer: Momentum,
  { config, progress }: Pick<Checkpoint, 'config' | 'progress'>,
): Promise<Checkpoint> {
  return { config, progress, model: await model.stateDict(), optimizer: await optimizer.stateDict() };
}

/**
 * Sets `model` and `optimizer` to where they were. Throws 'bad-data' or 'shape-mismatch' where the checkpoint is of
 * another model.
 */
export function restoreCheckpoint(checkpoint: Checkpoint, model: Module, optimizer: Momentum): void {
  loadExactly(model, checkpoint.model);
  optimizer.loadStateDict(checkpoint.optimizer);
}

/** The network of a checkpoint, with its weights; the caller disposes it. Throws as {@link restoreCheckpoint}. */
export function modelOfCheckpoint(device: Device, { config, model: state }: Checkpoint): ResNet {
  const model = new ResNet(device, { layers: config.layers, classDim: config.classDim });
  loadExactly(model, state);
  return model;
}

/** The bytes of a checkpoint's file. Throws 'not-finite', naming the tensor, for one that nothing could be done with. */
export function encodeCheckpoint({ config, model, optimizer, progress }: Checkpoint): Uint8Array {
  const unusable = unusableIn({ model, optimizer });
  check(
    unusable === undefined,
    'not-finite',
    () => `${unusable}: nothing was saved. Train with a lower learning rate.`,
  );
  const velocities = [...optimizer.velocities].map(([name, entry]) => [VELOCITY + name, entry] as const);
  const tensors = [...model, ...velocities].map(([name, { shape, data }]) => {
    return [name, { dtype: 'F32', shape, data }] as [string, SafetensorsTensor];
  });
  return encodeSafetensors(tensors, {
    format: FORMAT,
    model: JSON.stringify(config),
    optimizerStep: String(optimizer.step),
    progress: JSON.stringify(progress),
  });
}

/**
 * Reads a checkpoint. Throws 'bad-file' where the bytes are no safetensors file, or one without our metadata, or where a tensor
 * holds what nothing can be computed with: NaN, an infinite number, a negative variance.
 */
export function decodeCheckpoint(bytes: Uint8Array): Checkpoint {
  const { tensors, metadata } = decodeSafetensors(bytes);
  check(metadata.format === FORMAT, 'bad-file', () => {
    return `this safetensors file is of format ${metadata.format ?? '(none)'}, a checkpoint of ${FORMAT}: give one that fovea train wrote.`;
  });
  const state = new Map([...tensors].map(([name, tensor]) => [name, stateEntry(name, tensor)]));
  const isVelocity = (name: string) => name.startsWith(VELOCITY);
  const checkpoint = {
    config: readConfig(metadata.model),
    model: new Map([...state].filter(([name]) => !isVelocity(name))),
    optimizer: {
      velocities: new Map(
        [...state]
          .filter(([name]) => isVelocity(name))
          .map(([name, entry]) => [name.slice(VELOCITY.length), entry]),
      ),
      step: readCount('optimizerStep', Number(metadata.optimizerStep)),
    },
    progress: readProgress(metadata.progress),
  };
  const unusable = unusableIn(checkpoint);
  check(unusable === undefined, 'bad-file', () => `${unusable}: take an earlier checkpoint.`);
  return checkpoint;
}

/** Why nothing can be done with a checkpoint's tensors; undefined for a good one. */
function unusableIn({ model, optimizer }: Pick<Checkpoint, 'model' | 'optimizer'>): string | undefined {
  const inModel = firstUnusable(model);
  if (inModel) return `the checkpoint's ${inModel.name} holds ${inModel.value}`;
  const inVelocities = firstUnusable(optimizer.velocities);
  return inVelocities && `the checkpoint's ${VELOCITY}${inVelocities.name} holds ${inVelocities.value}`;
}

function loadExactly(model: Module, state: StateDict): void {
  const { unexpected } = model.loadStateDict(state);
  check(unexpected.length === 0, 'bad-data', () => {
    return `the checkpoint holds ${unexpected.length} tensors that the model lacks, ${unexpected[0]} first: it is of another model.`;
  });
}

function stateEntry(name: string, { dtype, shape, data }: SafetensorsTensor) {
  check(dtype === 'F32', 'bad-file', () => `checkpoint: "${name}" is ${dtype}, not F32.`);
  return { shape: [...shape], data: data as Float32Array };
}

function readConfig(json: string | undefined): ModelConfig {
  const config = readJson('model', json) as unknown as ModelConfig;
  const { layers, classDim, size, channelOrder } = config;
  check([50, 101, 152].includes(layers), 'bad-file', () => {
    return `checkpoint: the model has ${layers} layers, not 50, 101 or 152.`;
  });
  readCount('classDim', classDim);
  readCount('size', size);
  check(channelOrder === 'bgr' || channelOrder === 'rgb', 'bad-file', () => {
    return `checkpoint: the channel order is ${channelOrder}, neither bgr nor rgb.`;
  });
  return { layers, classDim, size, channelOrder };
}

function readProgress(json: string | undefined): TrainingProgress {
  const progress = readJson('progress', json) as unknown as TrainingProgress;
  for (const key of ['step', 'epoch', 'batch'] as const) readCount(key, progress[key]);
  for (const key of ['loss', 'accuracy'] as const) readCount(`${key}.batches`, progress[key]?.batches);
  check(Array.isArray(progress.history), 'bad-file', () => 'checkpoint: the history is not a list.');
  return progress;
}

function readJson(key: string, json = ''): Record<string, unknown> {
  try {
    return parseNumbers(json) as Record<string, unknown>;
  } catch (cause) {
    throw new FoveaError('bad-file', `checkpoint: the metadata "${key}" is not JSON: "${json}".`, { cause });
  }
}

function readCount(key: string, value: number | undefined): number {
  check(Number.isInteger(value) && value! >= 0, 'bad-file', () => {
    return `checkpoint: "${key}" is ${value}, not a whole number.`;
  });
  return value!;
}
