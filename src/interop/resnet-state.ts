/**
 * @file Which ResNet a state dict is of, by its names and shapes, and the same state by other names.
 */

import { counted } from '../counted.ts';
import { check, FoveaError } from '../errors.ts';
import type { HostTensor } from '../io/element-types.ts';
import { floatsOf } from '../io/floats.ts';
import { RESNET_LAYERS, type ResNetLayers } from '../nn/resnet.ts';
import type { StateDict, StateEntry } from '../nn/state-dict.ts';
import { transposed } from '../nn/torch.ts';
import {
  isTransposed,
  type NamedWeight,
  resnetWeights,
  WEIGHT_NAMES,
  type WeightNames,
} from './resnet-names.ts';

/** What {@link identifyResNet} found. */
export interface IdentifiedResNet {
  readonly layers: ResNetLayers;
  readonly classDim: number;
  readonly names: WeightNames;
  /** What all names begin with beside, `module.` for instance. */
  readonly prefix: string;
  /** Names of what is none of the network's weights. */
  readonly passedOver: readonly string[];
}

/** What may have been found. */
type Candidate = Omit<IdentifiedResNet, 'classDim' | 'passedOver'>;

type Shapes = ReadonlyMap<string, readonly number[]>;

/** A count that PyTorch's batch norms keep, and nothing needs. */
const BATCHES = /(^|\.)num_batches_tracked$/;
/** What wrappers of models put before names: PyTorch's DataParallel, Lightning, segmentation programs. */
const PREFIXES = ['', 'module.', 'model.', 'backbone.', 'encoder.'];

/**
 * Which ResNet has tensors of these names and shapes. Throws 'bad-data', naming the first that is missing, where it is none,
 * 'shape-mismatch' where one has another shape, as those of wide networks and ResNeXts have.
 */
export function identifyResNet(shapes: Shapes): IdentifiedResNet {
  let best: { candidate: Candidate; missing: string[] } | undefined;
  // Deeper ones have the names of those with fewer layers, and more.
  for (const prefix of PREFIXES.filter(
    (prefix) => prefix === '' || [...shapes.keys()].some((name) => name.startsWith(prefix)),
  ))
    for (const names of WEIGHT_NAMES)
      for (const layers of RESNET_LAYERS.toReversed()) {
        const missing = resnetWeights(layers).flatMap(({ names: all }) => {
          const name = `${prefix}${all[names]}`;
          return shapes.has(name) ? [] : [name];
        });
        const candidate = { prefix, names, layers };
        if (missing.length === 0 && !hasFurtherBlocks(shapes, candidate)) return confirm(shapes, candidate);
        if (missing.length > 0 && (!best || missing.length < best.missing.length))
          best = { candidate, missing };
      }
  const { candidate, missing } = best!;
  throw new FoveaError(
    'bad-data',
    `these are not the weights of a ResNet with ${RESNET_LAYERS.join(', ')} layers: of ${counted(shapes.size, 'tensor')}, called ${
      [...shapes.keys()].slice(0, 3).join(', ') || 'nothing'
    }…, a ResNet-${candidate.layers} by ${candidate.names} names lacks ${missing.length}, ${missing[0]} first`,
  );
}

/** Whether there are weights that only a deeper network has: then one of those is what this is, with something missing. */
function hasFurtherBlocks(shapes: Shapes, { layers, names, prefix }: Candidate): boolean {
  const own = new Set(resnetWeights(layers).map(({ names: all }) => all[names]));
  return RESNET_LAYERS.some((other) =>
    resnetWeights(other).some(
      ({ names: all }) => !own.has(all[names]) && shapes.has(`${prefix}${all[names]}`),
    ),
  );
}

function confirm(shapes: Shapes, candidate: Candidate): IdentifiedResNet {
  const { layers, names, prefix } = candidate;
  const weights = resnetWeights(layers);
  const classDim = shapes.get(`${prefix}${weights.at(-1)!.names[names]}`)![0] ?? 0;
  for (const weight of weights) {
    const name = `${prefix}${weight.names[names]}`;
    const expected = shapeOf(weight, classDim, names);
    const found = shapes.get(name)!;
    check(found.join() === expected.join() && classDim > 0, 'shape-mismatch', () => {
      return `${name} has shape [${found.join(', ')}], but that of a ResNet-${layers} has [${expected.join(', ')}]: is it of a wide network or a ResNeXt?`;
    });
  }
  const known = new Set(weights.map((weight) => `${prefix}${weight.names[names]}`));
  const passedOver = [...shapes.keys()].filter((name) => !known.has(name) && !BATCHES.test(name));
  return { ...candidate, classDim, passedOver };
}

function shapeOf({ shape, head }: NamedWeight, classDim: number, names: WeightNames): number[] {
  if (!head) return [...shape];
  return isTransposed(names) ? [classDim, ...shape] : [...shape, classDim];
}

/** The weights by the original's names, in their order. Throws 'bad-file' where one is not of floats, or NaN. */
export function toOriginal(tensors: ReadonlyMap<string, HostTensor>, found: IdentifiedResNet): StateDict {
  const { layers, names, prefix } = found;
  return new Map(
    resnetWeights(layers).map(({ names: all, head }): [string, StateEntry] => {
      const name = `${prefix}${all[names]}`;
      const tensor = tensors.get(name)!;
      const entry = { shape: [...tensor.shape], data: floatsOf(name, tensor) };
      return [all.original, head === 'weight' && isTransposed(names) ? transposed(entry) : entry];
    }),
  );
}

/** A weight by other names. */
export interface RenamedWeight {
  /** What the original calls it. */
  readonly original: string;
  /** What it is called. */
  readonly name: string;
  /** What Paddle calls the parameter. */
  readonly parameter: string;
  /** Its values, if the state had them. */
  readonly entry: StateEntry | undefined;
}

/** All weights of a ResNet by other names, in their order, from a state by the original's. */
export function fromOriginal(layers: ResNetLayers, names: WeightNames, state: StateDict): RenamedWeight[] {
  return resnetWeights(layers).map(({ names: all, head }) => {
    const entry = state.get(all.original);
    const turned = entry && head === 'weight' && isTransposed(names) ? transposed(entry) : entry;
    return { original: all.original, name: all[names], parameter: all['paddle-parameters'], entry: turned };
  });
}
