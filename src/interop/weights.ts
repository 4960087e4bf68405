/**
 * @file The weights of a ResNet in a file of any kind, by anyone's names: which it is, is told by the contents.
 */

import {
  BYTES,
  checkArgument,
  checkOptions,
  checkProperties,
  type OptionRules,
  oneOf,
  required,
} from '../arguments.ts';
import { PREPROCESSINGS, type Preprocessing } from '../data/preprocessing.ts';
import { check } from '../errors.ts';
import type { HostTensor } from '../io/element-types.ts';
import { decodeSafetensors, encodeSafetensors, type SafetensorsInput } from '../io/safetensors.ts';
import { ruleOf, validated } from '../io/validate.ts';
import type { ResNetLayers } from '../nn/resnet.ts';
import { checkState, STATE_DICT, type StateDict } from '../nn/state-dict.ts';
import { judgedState, type ModelConfig, modelConfig } from '../train/checkpoint.ts';
import { checkpointOf, encodeCheckpoint, FORMAT } from '../train/checkpoint-format.ts';
import { firstUnusable } from '../train/finite.ts';
import { BEGINNING } from '../train/progress.ts';
import { parseNumbers } from '../train/progress-format.ts';
import { decodePaddleParameters, encodePaddleParameters } from './paddle.ts';
import { WEIGHT_NAMES, type WeightNames } from './resnet-names.ts';
import { fromOriginal, identifyResNet, toOriginal } from './resnet-state.ts';
import { decodeTorch, encodeTorch } from './torch/torch.ts';

/** A kind of file: fovea's checkpoint, a plain safetensors file, Paddle's `.pdparams`, PyTorch's `.pth`. */
export type WeightFormat = 'checkpoint' | 'safetensors' | 'pdparams' | 'pth';

/** All {@link WeightFormat}s. */
export const WEIGHT_FORMATS: readonly WeightFormat[] = ['checkpoint', 'safetensors', 'pdparams', 'pth'];

/** A network and its weights. */
export interface ResNetWeights {
  /** Which network this is, and which images it takes; where the file does not say, 224 pixels and what suits its names. */
  readonly config: ModelConfig;
  /** Parameters and running statistics by the original's names, as `loadStateDict` of a `ResNet` takes them. */
  readonly state: StateDict;
}

/** What {@link decodeWeights} found. */
export interface DecodedWeights extends ResNetWeights {
  /** The kind of the file. */
  readonly format: WeightFormat;
  /** Whose names the file has. */
  readonly names: WeightNames;
  /** Whether the file itself said which images the network takes. */
  readonly hasConfig: boolean;
  /** What Paddle calls each of the weights, where the file says so: a `.pdopt` goes by these names. */
  readonly parameterNames?: ReadonlyMap<string, string> | undefined;
  /** What the file has beside the weights of the network. */
  readonly passedOver: readonly string[];
}

/** How {@link encodeWeights} writes. */
export interface EncodeWeightsOptions {
  /** The kind of the file. */
  readonly format: WeightFormat;
  /** Whose names it has; by default what the format suggests. */
  readonly names?: WeightNames;
}

/** The key of a `ModelConfig` in the metadata of files that are no checkpoints. */
const CONFIG = 'fovea.model';
const DEFAULT_SIZE = 224;

/** Whose names a file of this kind has unless others are wanted. */
export const USUAL_NAMES: Readonly<Record<WeightFormat, WeightNames>> = {
  checkpoint: 'original',
  safetensors: 'torchvision',
  pdparams: 'original',
  pth: 'torchvision',
};

/** How networks were trained whose weights bear these names. */
export function usualPreprocessing(names: WeightNames): Preprocessing {
  return names === 'torchvision' || names === 'paddle-vision' ? 'imagenet' : 'original';
}

/**
 * Reads the weights of a ResNet-18, -34, -50, -101 or -152 from a checkpoint of fovea, a safetensors file, a `.pdparams` or a `.pth`,
 * by the original's names, torchvision's, timm's or Paddle's; of a checkpoint with averages of its weights, these. Nothing in the file is
 * run.
 *
 * Throws 'bad-file' where it is none of these, is damaged, or holds NaN, 'bad-data' where it has not the weights of such a network,
 * 'shape-mismatch' where one has another shape.
 */
export async function decodeWeights(bytes: Uint8Array): Promise<DecodedWeights> {
  checkArgument('what decodeWeights is given', bytes, BYTES);
  const format = formatOf(bytes);
  if (format === 'pdparams') {
    const { tensors, parameterNames } = decodePaddleParameters(bytes);
    return describe(format, tensors, {}, parameterNames);
  }
  const file = format === 'pth' ? await decodeTorch(bytes) : decodeSafetensors(bytes);
  if (format === 'pth' || file.metadata.format !== FORMAT)
    return describe(format, file.tensors, file.metadata);
  const checkpoint = checkpointOf(file);
  const { config } = checkpoint;
  const state = judgedState(checkpoint);
  const { layers, classDim } = identifyResNet(shapesOf(state));
  check(layers === config.layers && classDim === config.classDim, 'bad-file', () => {
    return `the checkpoint is said to be of a ResNet-${config.layers} with classDim ${config.classDim}, but holds a ResNet-${layers} with classDim ${classDim}.`;
  });
  return { format: 'checkpoint', names: 'original', config, hasConfig: true, state, passedOver: [] };
}

function describe(
  format: WeightFormat,
  tensors: ReadonlyMap<string, HostTensor>,
  metadata: Readonly<Record<string, string>>,
  parameterNames?: ReadonlyMap<string, string>,
): DecodedWeights {
  const found = identifyResNet(shapesOf(tensors));
  const { layers, classDim, names, prefix, passedOver } = found;
  const state = toOriginal(tensors, found);
  const unusable = firstUnusable(state);
  check(unusable === undefined, 'bad-file', () => {
    return `${unusable!.name} of the weights holds ${unusable!.value}: a training that overflowed leaves such weights. Take earlier ones.`;
  });
  const kept = metadata[CONFIG];
  const config = kept === undefined ? configOf(layers, classDim, names) : readConfig(kept, layers, classDim);
  const known = parameterNames ? namesOfOriginal(found, prefix, parameterNames) : undefined;
  return { format, names, config, hasConfig: kept !== undefined, state, passedOver, parameterNames: known };
}

function namesOfOriginal(
  { layers, names }: { layers: ResNetLayers; names: WeightNames },
  prefix: string,
  parameterNames: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> | undefined {
  const known = fromOriginal(layers, names, new Map()).flatMap(({ original, name }): [string, string][] => {
    const parameter = parameterNames.get(`${prefix}${name}`);
    return parameter === undefined ? [] : [[original, parameter]];
  });
  return known.length > 0 ? new Map(known) : undefined;
}

function configOf(layers: ResNetLayers, classDim: number, names: WeightNames): ModelConfig {
  const preprocessing = usualPreprocessing(names);
  const channelOrder = PREPROCESSINGS[preprocessing].order;
  return { layers, classDim, size: DEFAULT_SIZE, channelOrder, preprocessing };
}

function readConfig(json: string, layers: ResNetLayers, classDim: number): ModelConfig {
  const what = `metadata "${CONFIG}"`;
  let value: unknown;
  try {
    value = parseNumbers(json);
  } catch {
    value = undefined;
  }
  const config = validated(modelConfig, value, what);
  check(config.layers === layers && config.classDim === classDim, 'bad-file', () => {
    return `${what} tells of a ResNet-${config.layers} with classDim ${config.classDim}, but the file holds a ResNet-${layers} with classDim ${classDim}.`;
  });
  return config;
}

/** The kind of a file by how it begins; a safetensors file may be a checkpoint. */
function formatOf(bytes: Uint8Array): WeightFormat {
  const begins = (...start: number[]) => start.every((byte, i) => bytes[i] === byte);
  // Its first eight bytes are the length of a header that begins with '{'. They come first: the lowest may be any, 0x80 for instance.
  if (bytes[6] === 0 && bytes[7] === 0 && bytes[8] === 0x7b) return 'safetensors';
  if (begins(0x50, 0x4b, 0x03, 0x04)) return 'pth';
  const isPickle = begins(0x80);
  check(isPickle, 'bad-file', () => {
    return 'the file is neither a safetensors file, nor a .pdparams, nor a .pth: it begins as none of them does.';
  });
  return bytes[2] === 0x8a ? 'pth' : 'pdparams'; // PyTorch's old format begins with a long number
}

function shapesOf(tensors: ReadonlyMap<string, { readonly shape: readonly number[] }>) {
  return new Map([...tensors].map(([name, { shape }]) => [name, shape]));
}

const WEIGHTS: OptionRules<ResNetWeights> = {
  config: required(ruleOf(modelConfig, 'a ModelConfig')),
  state: required(STATE_DICT),
};
const OPTIONS: OptionRules<EncodeWeightsOptions> = {
  format: required(oneOf(...WEIGHT_FORMATS)),
  names: oneOf(...WEIGHT_NAMES),
};

/**
 * The bytes of a file of this kind. Its configuration goes along, but for a `.pdparams`, which has no place for it; PyTorch's names go
 * with a transposed `fc.weight` and `num_batches_tracked`. Throws 'invalid-argument' for a checkpoint by other names than the
 * original's, 'bad-data' and 'shape-mismatch' where `state` is not that of the network.
 */
export function encodeWeights(weights: ResNetWeights, options: EncodeWeightsOptions): Uint8Array {
  checkProperties('the weights of encodeWeights', weights, WEIGHTS);
  checkState('the state of encodeWeights', weights.state);
  checkOptions('encodeWeights', options, OPTIONS);
  const { config, state } = weights;
  const { format, names = USUAL_NAMES[format] } = options;
  const found = identifyResNet(shapesOf(state));
  check(found.layers === config.layers && found.classDim === config.classDim, 'bad-data', () => {
    return `the weights are of a ResNet-${found.layers} with classDim ${found.classDim}, the config is of a ResNet-${config.layers} with classDim ${config.classDim}`;
  });
  if (format === 'checkpoint') {
    check(
      names === 'original',
      'invalid-argument',
      () => `a checkpoint has the original's names, not ${names}`,
    );
    const optimizer = { name: 'Momentum', step: 0, slots: { velocity: new Map() } };
    return encodeCheckpoint({ config, model: state, optimizer, progress: BEGINNING });
  }
  const named = fromOriginal(config.layers, names, state);
  if (format === 'pdparams') {
    const parameterNames = new Map(named.map(({ name, parameter }) => [name, parameter]));
    return encodePaddleParameters(new Map(named.map(({ name, entry }) => [name, entry!])), {
      parameterNames,
    });
  }
  const tensors = named.flatMap(({ name, entry }): [string, SafetensorsInput][] => {
    const isLastOfNorm = name.endsWith('.running_var');
    const count: [string, SafetensorsInput] = [
      name.replace(/running_var$/, 'num_batches_tracked'),
      { shape: [], data: BigInt64Array.of(0n) },
    ];
    return [[name, entry!], ...(isLastOfNorm ? [count] : [])];
  });
  const metadata = { [CONFIG]: JSON.stringify(config) };
  return format === 'pth'
    ? encodeTorch(tensors, metadata)
    : encodeSafetensors(tensors, { format: 'pt', ...metadata });
}
