/**
 * @file A checkpoint: all that a training needs to be resumed. `checkpoint-format.ts` makes a file of it.
 */

import * as v from 'valibot';
import { checkArgument, checkProperties, OBJECT, type OptionRules, required, STRING } from '../arguments.ts';
import type { ChannelOrder } from '../data/image.ts';
import { PREPROCESSING_NAMES, type Preprocessing } from '../data/preprocessing.ts';
import type { Device } from '../device/device.ts';
import { check } from '../errors.ts';
import { oneOf, record, ruleOf, wholeNumber } from '../io/validate.ts';
import { MODULE, type Module } from '../nn/module.ts';
import { RESNET_LAYERS, ResNet, type ResNetLayers } from '../nn/resnet.ts';
import { checkState, STATE_DICT, type StateDict } from '../nn/state-dict.ts';
import {
  AVERAGE,
  AVERAGE_STATE,
  type AverageState,
  type ExponentialMovingAverage,
} from '../optim/exponential-moving-average.ts';
import { OPTIMIZER, type Optimizer } from '../optim/optimizer.ts';
import { checkOptimizerState, type OptimizerState } from '../optim/optimizer-state.ts';
import type { RandomState } from '../random.ts';
import { formatShape, sameShape } from '../shape/shape.ts';
import { checkDevice } from '../tensor/check-device.ts';
import { generatorOf, restoreGenerator } from '../tensor/generator.ts';
import { VERSION } from '../version.ts';
import type { TrainingProgress } from './progress.ts';
import { STORABLE_PROGRESS } from './progress-format.ts';
import { checkOptimizerOf } from './step.ts';

/** Which network this is, and which images it takes. */
export interface ModelConfig {
  /** Of the `ResNet`. */
  readonly layers: ResNetLayers;
  /** Numbers that come out for an image. */
  readonly classDim: number;
  /** Side of the images in pixels. */
  readonly size: number;
  /** The channel order of the images. */
  readonly channelOrder: ChannelOrder;
  /** How the bytes of the images become its input; the original's way where it is missing. */
  readonly preprocessing?: Preprocessing | undefined;
  /**
   * The names of the classes, by label: two where `classDim` is 1, the second being the one whose probability comes out, else
   * `classDim` of them. Missing in checkpoints of an older fovea.
   */
  readonly classes?: readonly string[] | undefined;
}

/**
 * What decides the weights beside the network, by names that a message can give: the batch size, the seed, what the
 * photographs are.
 */
export type TrainingSettings = Readonly<Record<string, string | number>>;

/** The contents of a checkpoint. */
export interface Checkpoint {
  /** Which network it is of. */
  readonly config: ModelConfig;
  /** Those of its training, for {@link checkSameTraining}; checkpoints of fovea 0.1.0 have none. */
  readonly settings?: TrainingSettings | undefined;
  /** Parameters and running statistics. */
  readonly model: StateDict;
  /** What the optimizer remembers of each parameter. */
  readonly optimizer: OptimizerState;
  /** Where the training stands. */
  readonly progress: TrainingProgress;
  /** The state of the device's generator, which dropout draws from; checkpoints of fovea 0.1.0 have none. */
  readonly generator?: RandomState | undefined;
  /** Averages of the weights, where the training has any. */
  readonly average?: AverageState | undefined;
  /** The version of fovea that took it; checkpoints of fovea 0.1.0 have none. */
  readonly version?: string | undefined;
}

/** The largest side of images, in pixels, that a checkpoint may ask for. */
export const LARGEST_SIZE = 4096;

/** What a {@link ModelConfig} is in JSON. */
export const modelConfig = v.pipe(
  record({
    layers: oneOf(RESNET_LAYERS),
    classDim: wholeNumber(1),
    size: wholeNumber(1, LARGEST_SIZE),
    channelOrder: oneOf(['bgr', 'rgb']),
    preprocessing: v.optional(oneOf(PREPROCESSING_NAMES)),
    classes: v.optional(v.array(v.string('a name'), 'a list of names')),
  }),
  v.check(
    ({ classDim, classes }) => !classes || (classes.length === Math.max(2, classDim) && areDistinct(classes)),
    'a network with as many different class names as classDim, two for classDim 1',
  ),
) satisfies v.GenericSchema<unknown, ModelConfig>;

const areDistinct = (names: readonly string[]): boolean => new Set(names).size === names.length;

/** What {@link TrainingSettings} are in JSON. */
export const trainingSettings = v.record(
  v.string(),
  v.union([v.string(), v.number()], 'a text or a number'),
  'an object',
) satisfies v.GenericSchema<unknown, TrainingSettings>;

/** What the state of a generator is in JSON. */
export const generatorState = record({
  seed: wholeNumber(0, 2 ** 32 - 1),
  stream: wholeNumber(0, 2 ** 32 - 1),
  drawn: wholeNumber(0),
}) satisfies v.GenericSchema<unknown, RandomState>;

/** What a checkpoint says of its network and training. */
export type TrainingDescription = Pick<Checkpoint, 'config' | 'settings'>;

const ABOUT: OptionRules<TrainingDescription> = {
  config: required(
    ruleOf(
      modelConfig,
      `a ModelConfig { layers: ${RESNET_LAYERS.join(' or ')}, classDim, size, channelOrder: 'bgr' or 'rgb' }, with a name for each class if any`,
    ),
  ),
  settings: ruleOf(trainingSettings, 'an object of strings and numbers'),
};
/** {@link TrainingDescription}, and where the training stands. */
export type TrainingPosition = Pick<Checkpoint, 'config' | 'settings' | 'progress'>;

const POSITION: OptionRules<TrainingPosition> = {
  ...ABOUT,
  progress: required(STORABLE_PROGRESS),
};
const CHECKPOINT: OptionRules<Checkpoint> = {
  ...POSITION,
  model: required(STATE_DICT),
  optimizer: required(OBJECT),
  generator: ruleOf(generatorState, 'the state of a Random { seed, stream, drawn }'),
  average: OBJECT,
  version: STRING,
};
const TAKEN: OptionRules<TrainingPosition & { average?: ExponentialMovingAverage }> = {
  ...POSITION,
  average: AVERAGE,
};

/** Throws 'invalid-argument' unless `checkpoint`, given to `what`, is one; which tensors it has is not checked. */
export function checkCheckpoint(what: string, checkpoint: Checkpoint): void {
  checkProperties(`${what}'s checkpoint`, checkpoint, CHECKPOINT);
  checkOptimizerState(`the optimizer of ${what}'s checkpoint`, checkpoint.optimizer);
  checkState(`the model of ${what}'s checkpoint`, checkpoint.model);
  const { average } = checkpoint;
  if (!average) return;
  checkProperties(`the average of ${what}'s checkpoint`, average, AVERAGE_STATE);
  checkState(`the averages of ${what}'s checkpoint`, average.averages);
}

/** Reads all that a training needs to be resumed; `average` is that of the training, if it has one. */
export async function takeCheckpoint(
  model: Module,
  optimizer: Optimizer,
  about: TrainingPosition & { readonly average?: ExponentialMovingAverage | undefined },
): Promise<Checkpoint> {
  checkModelAndOptimizer('takeCheckpoint', model, optimizer);
  checkProperties('what takeCheckpoint is told', about, TAKEN);
  const { average, ...position } = about;
  const generator = generatorOf(model.device).state;
  return {
    ...{ ...position, generator, version: VERSION },
    model: await model.stateDict(),
    optimizer: await optimizer.stateDict(),
    ...(average ? { average: await average.stateDict() } : {}),
  };
}

/**
 * Throws 'bad-data', naming what differs and both values, where `checkpoint` is of another network or training than the one to
 * resume. Settings are compared where both have them.
 */
export function checkSameTraining(checkpoint: TrainingDescription, training: TrainingDescription): void {
  checkProperties('the checkpoint of checkSameTraining', checkpoint, ABOUT);
  checkProperties('the training of checkSameTraining', training, ABOUT);
  const facts = ({ config: { classes, ...config }, settings }: TrainingDescription) => ({
    ...config,
    preprocessing: config.preprocessing ?? 'original',
    ...(classes ? { classes: classes.join(', ') } : {}),
    ...settings,
  });
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
 * Sets `model`, `optimizer`, the `average` of a training that has one, and the generator of their device to where they were. Throws
 * 'bad-data' or 'shape-mismatch', and changes none of them, where the checkpoint is of another model, or has averages and no `average`
 * is given, or the other way round.
 */
export function restoreCheckpoint(
  checkpoint: Checkpoint,
  model: Module,
  optimizer: Optimizer,
  average?: ExponentialMovingAverage,
): void {
  checkCheckpoint('restoreCheckpoint', checkpoint);
  checkModelAndOptimizer('restoreCheckpoint', model, optimizer);
  if (average !== undefined) checkArgument('the average of restoreCheckpoint', average, AVERAGE);
  check(!average === !checkpoint.average, 'bad-data', () =>
    average
      ? 'the checkpoint has no averages of weights: resume without, or make the ExponentialMovingAverage afterwards'
      : 'the checkpoint has averages of weights: give restoreCheckpoint an ExponentialMovingAverage of the model',
  );
  if (checkpoint.average) average?.checkStateDict(checkpoint.average);
  optimizer.checkStateDict(checkpoint.optimizer);
  model.loadStateDict(checkpoint.model);
  optimizer.loadStateDict(checkpoint.optimizer);
  if (checkpoint.average) average?.loadStateDict(checkpoint.average);
  if (checkpoint.generator) restoreGenerator(model.device, checkpoint.generator);
}

/**
 * The network of a checkpoint, with its weights, or with their averages where it has any, as `fit` validated it; the caller disposes it. Throws as {@link restoreCheckpoint}, and
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
  model.loadStateDict(judgedState(checkpoint));
  return model;
}

/** The weights by which a training was validated: their averages where it has any. */
export function judgedState({ model, average }: Checkpoint): StateDict {
  return new Map([...model, ...(average?.averages ?? [])]);
}

function checkModelAndOptimizer(what: string, model: Module, optimizer: Optimizer): void {
  checkArgument(`the model of ${what}`, model, MODULE);
  checkArgument(`the optimizer of ${what}`, optimizer, OPTIMIZER);
  checkOptimizerOf(what, model, optimizer);
}
