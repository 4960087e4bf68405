/**
 * @file A checkpoint: all that a training needs to be resumed, as a safetensors file.
 *
 *     conv._conv.weight, …             parameters and running statistics, named as in the state dict
 *     velocity.conv._conv.weight, …    what the optimizer remembers of each parameter
 *     __metadata__                     format; model, optimizer, optimizerStep, progress, settings, generator: JSON
 *
 * The order of the batches needs no state of its own: it follows from the loader's seed, the epoch and the batch.
 */

import * as v from 'valibot';
import { BYTES, checkArgument, checkProperties, OBJECT, type OptionRules, required } from '../arguments.ts';
import type { ChannelOrder } from '../data/image.ts';
import type { Device } from '../device/device.ts';
import { check, FoveaError } from '../errors.ts';
import { decodeSafetensors, encodeSafetensors, type SafetensorsTensor } from '../io/safetensors.ts';
import { oneOf, record, ruleOf, validated, wholeNumber } from '../io/validate.ts';
import { MODULE, type Module } from '../nn/module.ts';
import { RESNET_LAYERS, ResNet, type ResNetLayers } from '../nn/resnet.ts';
import { checkState, STATE_DICT, type StateDict } from '../nn/state-dict.ts';
import { OPTIMIZER, type Optimizer } from '../optim/optimizer.ts';
import { checkOptimizerState, type OptimizerState } from '../optim/optimizer-state.ts';
import type { RandomState } from '../random.ts';
import { formatShape, sameShape } from '../shape/shape.ts';
import { checkDevice } from '../tensor/check-device.ts';
import { generatorOf, restoreGenerator } from '../tensor/generator.ts';
import { firstUnusable } from './finite.ts';
import {
  joinEntries,
  MOMENTUM_METADATA,
  metadataOf,
  optimizerMetadata,
  splitEntries,
} from './optimizer-entries.ts';
import { PROGRESS, parseNumbers, type TrainingProgress, trainingProgress } from './progress.ts';
import { checkOptimizerOf } from './step.ts';

/** Which network this is, and which images it takes. */
export interface ModelConfig {
  readonly layers: ResNetLayers;
  /** Numbers that come out for an image. */
  readonly classDim: number;
  /** Side of the images in pixels. */
  readonly size: number;
  readonly channelOrder: ChannelOrder;
}

/**
 * What decides the weights beside the network, by names that a message can give: the batch size, the seed, what the
 * photographs are.
 */
export type TrainingSettings = Readonly<Record<string, string | number>>;

/** The contents of a checkpoint. */
export interface Checkpoint {
  readonly config: ModelConfig;
  /** Those of its training, for {@link checkSameTraining}; checkpoints of fovea 0.1.0 have none. */
  readonly settings?: TrainingSettings | undefined;
  /** Parameters and running statistics. */
  readonly model: StateDict;
  readonly optimizer: OptimizerState;
  readonly progress: TrainingProgress;
  /** The state of the device's generator, which dropout draws from; checkpoints of fovea 0.1.0 have none. */
  readonly generator?: RandomState | undefined;
}

/** The largest side of images, in pixels, that a checkpoint may ask for. */
export const LARGEST_SIZE = 4096;

const FORMAT = 'fovea-checkpoint-1';

const modelConfig = record({
  layers: oneOf(RESNET_LAYERS),
  classDim: wholeNumber(1),
  size: wholeNumber(1, LARGEST_SIZE),
  channelOrder: oneOf(['bgr', 'rgb']),
}) satisfies v.GenericSchema<unknown, ModelConfig>;

const trainingSettings = v.record(
  v.string(),
  v.union([v.string(), v.number()], 'a text or a number'),
  'an object',
) satisfies v.GenericSchema<unknown, TrainingSettings>;

const generatorState = record({
  seed: wholeNumber(0, 2 ** 32 - 1),
  stream: wholeNumber(0, 2 ** 32 - 1),
  drawn: wholeNumber(0),
}) satisfies v.GenericSchema<unknown, RandomState>;

/** What a checkpoint says of its network and training. */
type About = Pick<Checkpoint, 'config' | 'settings'>;

const ABOUT: OptionRules<About> = {
  config: required(
    ruleOf(
      modelConfig,
      `a ModelConfig { layers: ${RESNET_LAYERS.join(' or ')}, classDim, size, channelOrder: 'bgr' or 'rgb' }`,
    ),
  ),
  settings: ruleOf(trainingSettings, 'an object of strings and numbers'),
};
const POSITION: OptionRules<Pick<Checkpoint, 'config' | 'settings' | 'progress'>> = {
  ...ABOUT,
  progress: required(PROGRESS),
};
const CHECKPOINT: OptionRules<Checkpoint> = {
  ...POSITION,
  model: required(STATE_DICT),
  optimizer: required(OBJECT),
  generator: ruleOf(generatorState, 'the state of a Random { seed, stream, drawn }'),
};

/** Throws 'invalid-argument' unless `checkpoint`, given to `what`, is one; which tensors it has is not checked. */
export function checkCheckpoint(what: string, checkpoint: Checkpoint): void {
  checkProperties(`${what}'s checkpoint`, checkpoint, CHECKPOINT);
  checkOptimizerState(`the optimizer of ${what}'s checkpoint`, checkpoint.optimizer);
  checkState(`the model of ${what}'s checkpoint`, checkpoint.model);
}

/** Reads all that a training needs to be resumed. */
export async function takeCheckpoint(
  model: Module,
  optimizer: Optimizer,
  about: Pick<Checkpoint, 'config' | 'settings' | 'progress'>,
): Promise<Checkpoint> {
  checkModelAndOptimizer('takeCheckpoint', model, optimizer);
  checkProperties('what takeCheckpoint is told', about, POSITION);
  const generator = generatorOf(model.device).state;
  return { ...about, generator, model: await model.stateDict(), optimizer: await optimizer.stateDict() };
}

/**
 * Throws 'bad-data', naming what differs and both values, where `checkpoint` is of another network or training than the one to
 * resume. Settings are compared where both have them.
 */
export function checkSameTraining(checkpoint: About, training: About): void {
  checkProperties('the checkpoint of checkSameTraining', checkpoint, ABOUT);
  checkProperties('the training of checkSameTraining', training, ABOUT);
  const facts = ({ config, settings }: About) => ({ ...config, ...settings });
  const kept: TrainingSettings = facts(checkpoint);
  for (const [name, value] of Object.entries<string | number>(facts(training))) {
    check(kept[name] === value || !(name in kept), 'bad-data', () => {
      return (
        `The checkpoint is from a training with ${name} ${kept[name]}, but this one has ${name} ${value}: ` +
        'resume it with what it was trained with, or start a new training in another folder.'
      );
    });
  }
}

/**
 * Sets `model`, `optimizer` and the generator of their device to where they were. Throws 'bad-data' or 'shape-mismatch', and changes neither, where the
 * checkpoint is of another model.
 */
export function restoreCheckpoint(checkpoint: Checkpoint, model: Module, optimizer: Optimizer): void {
  checkCheckpoint('restoreCheckpoint', checkpoint);
  checkModelAndOptimizer('restoreCheckpoint', model, optimizer);
  optimizer.checkStateDict(checkpoint.optimizer);
  model.loadStateDict(checkpoint.model);
  optimizer.loadStateDict(checkpoint.optimizer);
  if (checkpoint.generator) restoreGenerator(model.device, checkpoint.generator);
}

/**
 * The network of a checkpoint, with its weights; the caller disposes it. Throws as {@link restoreCheckpoint}, and
 * 'bad-file' where the file's tensors are not of `classDim` outputs.
 */
export function modelOfCheckpoint(device: Device, checkpoint: Checkpoint): ResNet {
  checkDevice('modelOfCheckpoint', device);
  checkCheckpoint('modelOfCheckpoint', checkpoint);
  const { config, model: state } = checkpoint;
  // Before anything is allocated: of what the metadata say, only classDim makes the network larger without bound.
  const { shape } = state.get('out.bias') ?? {};
  check(shape !== undefined && sameShape(shape, [config.classDim]), 'bad-file', () => {
    const found = shape ? `"out.bias" has shape ${formatShape(shape)}` : 'there is no tensor "out.bias"';
    return `checkpoint, metadata "model": "classDim" is ${config.classDim}, but ${found}: the file is damaged, or from another network.`;
  });
  const model = new ResNet(device, { layers: config.layers, classDim: config.classDim });
  model.loadStateDict(state);
  return model;
}

/** The bytes of a checkpoint's file. Throws 'not-finite', naming the tensor, for one that nothing could be done with. */
export function encodeCheckpoint(checkpoint: Checkpoint): Uint8Array {
  checkCheckpoint('encodeCheckpoint', checkpoint);
  const { config, settings, model, optimizer, progress, generator } = checkpoint;
  const entries = joinEntries(model, optimizer);
  const unusable = unusableIn(entries);
  check(
    unusable === undefined,
    'not-finite',
    () => `${unusable}: nothing was saved. Train with a lower learning rate.`,
  );
  const tensors = [...entries].map(([name, { shape, data }]) => {
    return [name, { dtype: 'F32', shape, data }] as [string, SafetensorsTensor];
  });
  return encodeSafetensors(tensors, {
    format: FORMAT,
    model: JSON.stringify(config),
    optimizer: JSON.stringify(metadataOf(optimizer)),
    optimizerStep: String(optimizer.step),
    progress: JSON.stringify(progress),
    ...(settings ? { settings: JSON.stringify(settings) } : {}),
    ...(generator ? { generator: JSON.stringify(generator) } : {}),
  });
}

/**
 * Reads a checkpoint. Throws 'bad-file' where the bytes are no safetensors file, or one whose metadata are not ours, naming the
 * key, or where a tensor holds what nothing can be computed with: NaN, an infinite number, a negative variance.
 */
export function decodeCheckpoint(bytes: Uint8Array): Checkpoint {
  checkArgument('what decodeCheckpoint is given', bytes, BYTES);
  const { tensors, metadata } = decodeSafetensors(bytes);
  check(metadata.format === FORMAT, 'bad-file', () => {
    return `this safetensors file has format ${metadata.format ?? '(none)'}, a checkpoint has ${FORMAT}: give one written by fovea train.`;
  });
  const config = readMetadata('model', modelConfig, metadata.model);
  const step = readMetadata('optimizerStep', wholeNumber(0), metadata.optimizerStep);
  const progress = readProgress(metadata.progress);
  const settings =
    metadata.settings === undefined
      ? undefined
      : readMetadata('settings', trainingSettings, metadata.settings);
  const generator =
    metadata.generator === undefined
      ? undefined
      : readMetadata('generator', generatorState, metadata.generator);
  const optimizer =
    metadata.optimizer === undefined
      ? MOMENTUM_METADATA
      : readMetadata('optimizer', optimizerMetadata, metadata.optimizer);
  const entries = new Map([...tensors].map(([name, tensor]) => [name, stateEntry(name, tensor)]));
  const unusable = unusableIn(entries);
  check(unusable === undefined, 'bad-file', () => `${unusable}: take an earlier checkpoint.`);
  const { model, slots } = splitEntries(entries, optimizer);
  return {
    config,
    ...(settings ? { settings } : {}),
    model,
    optimizer: { ...optimizer, step, slots },
    progress,
    ...(generator ? { generator } : {}),
  };
}

function checkModelAndOptimizer(what: string, model: Module, optimizer: Optimizer): void {
  checkArgument(`the model of ${what}`, model, MODULE);
  checkArgument(`the optimizer of ${what}`, optimizer, OPTIMIZER);
  checkOptimizerOf(what, model, optimizer);
}

/** Why nothing can be done with a checkpoint's tensors; undefined for good ones. */
function unusableIn(entries: StateDict): string | undefined {
  const found = firstUnusable(entries);
  return found && `the checkpoint's ${found.name} holds ${found.value}`;
}

function stateEntry(name: string, { dtype, shape, data }: SafetensorsTensor) {
  check(dtype === 'F32', 'bad-file', () => `checkpoint: "${name}" is ${dtype}, not F32.`);
  return { shape: [...shape], data: data as Float32Array };
}

/** A part of the metadata. Throws 'bad-file', naming the key, where it is missing, no JSON, or not as `schema` says. */
function readMetadata<const S extends v.GenericSchema>(
  key: string,
  schema: S,
  json: string | undefined,
): v.InferOutput<S> {
  const what = `checkpoint, metadata "${key}"`;
  check(
    json !== undefined,
    'bad-file',
    () => `${what} is missing: give a checkpoint written by fovea train.`,
  );
  let value: unknown;
  try {
    value = parseNumbers(json);
  } catch (cause) {
    throw new FoveaError('bad-file', `${what} is not JSON: ${(cause as Error).message}.`, { cause });
  }
  return validated(schema, value, what);
}

/** Where the training stands; as many epochs were reported as are done. */
function readProgress(json: string | undefined): TrainingProgress {
  const progress = readMetadata('progress', trainingProgress, json);
  const { epoch, history } = progress;
  check(history.length === epoch, 'bad-file', () => {
    return `checkpoint, metadata "progress": "history" has ${history.length} epochs, but "epoch" says ${epoch}.`;
  });
  return progress;
}
