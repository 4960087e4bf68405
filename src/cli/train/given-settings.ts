/**
 * @file The settings that the flags of `fovea train` give.
 */

import { resolve } from 'node:path';
import { MAX_PIXELS } from '../../data/image-header.ts';
import type { AdapterKind } from '../../device/adapter-source.ts';
import { check } from '../../errors.ts';
import { needed } from '../data-sets.ts';
import { settingsOfWeights } from './initial-weights.ts';
import { defaultsOf } from './recipe.ts';
import { type RunConfig, readRunConfig, resumedConfig } from './run-config.ts';

/** What holds for every recipe. */
export const DEFAULTS = {
  seed: 1,
  onCorrupt: 'throw',
  maxPixels: MAX_PIXELS,
  best: 'auc',
} as const;

/** The flags of `fovea train`: settings, and what is of this session alone. */
export interface TrainOptions extends Partial<RunConfig> {
  readonly out: string;
  readonly adapter: AdapterKind;
  readonly maxSteps?: number;
  readonly photographs: boolean;
  /** true: the newest checkpoint in the folder */
  readonly resume?: string | true;
}

/** The settings of a new training. Throws 'invalid-argument' where a flag is missing, or excludes another. */
export async function newSettings(options: TrainOptions): Promise<RunConfig> {
  const given = settingsIn(options);
  const config = {
    ...DEFAULTS,
    ...defaultsOf(given.recipe ?? 'original'),
    ...(await settingsOfWeights(given)),
    ...given,
    train: needed('--train', given.train),
  };
  checkValidation(config);
  return config;
}

/** The settings kept in `folder`, but for those that are given anew. Throws as {@link resumedConfig}. */
export async function resumedSettings(folder: string, options: TrainOptions): Promise<RunConfig> {
  return resumedConfig(await readRunConfig(folder), settingsIn(options));
}

/** What `config.json` keeps of the options. That photographs stay out need not be said again when the training is resumed. */
function settingsIn({
  out,
  adapter,
  maxSteps,
  resume,
  photographs,
  ...settings
}: TrainOptions): Partial<RunConfig> {
  return { ...settings, ...absolutePaths(settings), ...(photographs ? {} : { photographs }) };
}

const PATHS = ['train', 'val', 'labels', 'table', 'cache', 'init', 'initOptimizer'] as const;

/** The paths that are given, from whatever folder a later command runs in. */
function absolutePaths(given: Partial<RunConfig>): Partial<RunConfig> {
  return Object.fromEntries(PATHS.flatMap((key) => (given[key] ? [[key, resolve(given[key])]] : [])));
}

/** Throws 'invalid-argument' unless it is said, in one way, what is validated on, and where labels are. */
function checkValidation({ layout = 'palm', val, labels, table, split, folds }: RunConfig): void {
  const ways = [val, split, folds].filter((way) => way !== undefined).length;
  check(ways === 1, 'invalid-argument', () => {
    const given = ways === 0 ? 'None is given' : `${ways} are given`;
    return `${given} of --val, --split and --folds: give a validation set, or have photographs set aside by one of the others.`;
  });
  if (layout === 'table') needed('--table', table);
  if (layout !== 'folders' && val !== undefined) needed('--labels', labels);
}
