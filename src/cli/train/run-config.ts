/**
 * @file The settings of a training, as `config.json` keeps them.
 */

import { join } from 'node:path';
import * as v from 'valibot';
import { DECODERS, type Decoder } from '../../data/decoder.ts';
import { PREPROCESSING_NAMES, type Preprocessing } from '../../data/preprocessing.ts';
import { check } from '../../errors.ts';
import { exactRecord, oneOf, validated, wholeNumber } from '../../io/validate.ts';
import { RESNET_LAYERS, type ResNetLayers } from '../../nn/resnet.ts';
import { LARGEST_SIZE } from '../../train/checkpoint.ts';
import { BEST_BY, type BestBy } from '../../train/progress.ts';
import { RECIPE_NAMES, type RecipeName, recipes } from '../../train/recipes.ts';
import { RunFolder } from '../../train/run-folder.ts';
import { bestByOf } from '../../train/run-settings.ts';
import { LAYOUTS, type Layout } from '../data-sets.ts';
import { KEEP_TOGETHER, type KeepTogether } from './keep-together.ts';
import { TRANSFORMS_NAMES, type TransformsName } from './recipe.ts';

/** The settings of a training. */
export interface RunConfig {
  /** How the data lies; missing where it is iChallenge-PM's way. */
  readonly layout?: Layout;
  /** Folder or archive of the training photographs; absolute, as are the next three. */
  readonly train: string;
  /** Folder or archive of the validation photographs; missing where they are set aside of the training photographs. */
  readonly val?: string;
  /** Table of the validation labels. */
  readonly labels?: string;
  /** Table of the training labels, in layout 'table'. */
  readonly table?: string;
  readonly nameColumn?: string;
  readonly classColumn?: string;
  /** The share of the training photographs that is validated on. */
  readonly split?: number;
  /** Into how many folds the training photographs are divided. */
  readonly folds?: number;
  /** Which of them is validated on, from 1. */
  readonly fold?: number;
  /** What stays on one side of these; missing where nothing is set aside, or an older fovea kept the settings: identical. */
  readonly keepTogether?: KeepTogether;
  /** Missing where it is the original's. */
  readonly recipe?: RecipeName;
  /** Missing where there are none. */
  readonly transforms?: TransformsName;
  readonly layers: ResNetLayers;
  /** Side of the images in pixels. */
  readonly size: number;
  /** Photographs per step. */
  readonly batch: number;
  readonly epochs: number;
  /** The learning rate of the first step. */
  readonly lr: number;
  readonly seed: number;
  readonly onCorrupt: 'throw' | 'skip';
  /** How many pixels a photograph may have; missing where an older fovea kept the settings: 100 million. */
  readonly maxPixels?: number;
  /** File of the weights to start from; absolute. Missing where they are drawn. */
  readonly init?: string;
  /** The beginning of that file's SHA-256. */
  readonly initDigest?: string;
  /** Paddle's .pdopt whose velocities to go on with; absolute. */
  readonly initOptimizer?: string;
  /** How photographs become the network's input; missing where as the original does. */
  readonly preprocessing?: Preprocessing;
  /** What is not trained, patterns with commas between; missing where all is. */
  readonly freeze?: string;
  /** The learning rate of the last layer's first step; missing where it is that of the others. */
  readonly headLr?: number;
  /** Whether batch norms keep their statistics and parameters, or are trained even where frozen; missing where as `freeze` says. */
  readonly batchNorm?: 'held' | 'trained';
  /** Whether each validation is preceded by `recalibrate` on the training set; missing where it is not. */
  readonly recalibrate?: boolean;
  /** Epochs without a better figure of `best` after which the training ends; missing where it does not. */
  readonly patience?: number;
  /** Whether to write event files for TensorBoard; missing where not. */
  readonly tensorboard?: boolean;
  /** What makes an epoch the best one; missing where an older fovea kept the settings: accuracy. */
  readonly best?: BestBy;
  /** What decodes the photographs; missing where it is our own decoder. */
  readonly decoder?: Decoder;
  /** Absolute path of the folder that keeps scaled photographs; missing where none does. */
  readonly cache?: string;
  /** Whether the report shows the photographs that were taken for something else; missing where it does. */
  readonly photographs?: boolean;
}

/** The least and the greatest values of settings that are whole numbers. */
export const RANGES = {
  size: [32, LARGEST_SIZE],
  batch: [1, 4096],
  epochs: [1, Number.MAX_SAFE_INTEGER],
  seed: [0, 2 ** 32 - 1],
  maxPixels: [1, Number.MAX_SAFE_INTEGER],
  patience: [1, Number.MAX_SAFE_INTEGER],
  folds: [2, 1000],
} as const;

const path = v.pipe(
  v.string('a path'),
  v.check((text) => text !== '', 'a path'),
);
const rate = v.pipe(
  v.number('a number above 0'),
  v.finite('a number above 0'),
  v.gtValue(0, 'a number above 0'),
);

const runConfig = exactRecord({
  layout: v.exactOptional(oneOf(LAYOUTS)),
  train: path,
  val: v.exactOptional(path),
  labels: v.exactOptional(path),
  table: v.exactOptional(path),
  nameColumn: v.exactOptional(v.string('a name')),
  classColumn: v.exactOptional(v.string('a name')),
  split: v.exactOptional(v.pipe(rate, v.ltValue(1, 'a number below 1'))),
  folds: v.exactOptional(wholeNumber(...RANGES.folds)),
  fold: v.exactOptional(wholeNumber(1, RANGES.folds[1])),
  keepTogether: v.exactOptional(oneOf(KEEP_TOGETHER)),
  recipe: v.exactOptional(oneOf(RECIPE_NAMES)),
  transforms: v.exactOptional(oneOf(TRANSFORMS_NAMES)),
  layers: oneOf(RESNET_LAYERS),
  size: wholeNumber(...RANGES.size),
  batch: wholeNumber(...RANGES.batch),
  epochs: wholeNumber(...RANGES.epochs),
  lr: rate,
  seed: wholeNumber(...RANGES.seed),
  onCorrupt: oneOf(['throw', 'skip']),
  maxPixels: v.exactOptional(wholeNumber(...RANGES.maxPixels)),
  init: v.exactOptional(path),
  initDigest: v.exactOptional(v.string('a digest')),
  initOptimizer: v.exactOptional(path),
  preprocessing: v.exactOptional(oneOf(PREPROCESSING_NAMES)),
  freeze: v.exactOptional(v.string('a text')),
  headLr: v.exactOptional(rate),
  batchNorm: v.exactOptional(oneOf(['held', 'trained'])),
  recalibrate: v.exactOptional(v.boolean('true or false')),
  patience: v.exactOptional(wholeNumber(...RANGES.patience)),
  tensorboard: v.exactOptional(v.boolean('true or false')),
  best: v.exactOptional(oneOf(BEST_BY)),
  decoder: v.exactOptional(oneOf(DECODERS)),
  cache: v.exactOptional(path),
  photographs: v.exactOptional(v.boolean('true or false')),
}) satisfies v.GenericSchema<unknown, RunConfig>;

/** The settings kept in the folder `out`. Throws 'bad-file', naming the key, where there are none or they are not as they should be. */
export async function readRunConfig(out: string): Promise<RunConfig> {
  return validated(runConfig, await RunFolder.config(out), join(out, 'config.json'));
}

/** Settings that decide the weights: another value would be another training. */
const FIXED = [
  ...(['layout', 'split', 'folds', 'keepTogether'] as const),
  ...(['recipe', 'transforms', 'layers', 'size', 'batch', 'lr', 'seed', 'decoder'] as const),
  ...(['init', 'initOptimizer', 'preprocessing', 'freeze', 'headLr', 'batchNorm'] as const),
] satisfies readonly (keyof RunConfig)[];

/** What the folder's files depend on: `best.safetensors` is chosen by it from the first epoch on. */
const KEPT = [...FIXED, 'best' as const] satisfies readonly (keyof RunConfig)[];

/**
 * The settings of a training to resume: those kept, but for what is given anew. Throws 'invalid-argument' where
 * one of those decides the weights, or which epoch is the best, and differs.
 */
export function resumedConfig(kept: RunConfig, given: Partial<RunConfig>): RunConfig {
  const { recipe = 'original', transforms = 'none', decoder = 'own', layout = 'palm' } = kept;
  const { keepTogether = 'identical' } = kept;
  const before = { ...kept, recipe, transforms, decoder, layout, keepTogether, best: bestByOf(kept) };
  for (const key of recipes[recipe].spansEpochs ? ([...KEPT, 'epochs'] as const) : KEPT) {
    check(given[key] === undefined || given[key] === before[key], 'invalid-argument', () => {
      return `${optionOf(key)} is ${given[key]}, but the training to resume has ${before[key] ?? 'none'}: leave it out, or start a new training.`;
    });
  }
  return { ...kept, ...given };
}

/** `--head-lr` of `headLr`. */
function optionOf(key: string): string {
  return `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
