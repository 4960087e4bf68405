/**
 * @file The settings that the flags of `fovea train` give.
 */

import { resolve } from 'node:path';
import { MAX_PIXELS } from '../../data/image-header.ts';
import type { AdapterKind } from '../../device/adapter-source.ts';
import { check } from '../../errors.ts';
import { needed } from '../data-sets.ts';
import { type InitialWeights, initialWeightsOf, settingsOfWeights } from './initial-weights.ts';
import { defaultsOf } from './recipe.ts';
import type { RunConfig } from './run-config.ts';

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

/** A training to begin. */
export interface NewTraining {
  readonly config: RunConfig;
  /** What `--init` names: since settings follow from it, it has been read. */
  readonly initial: InitialWeights | undefined;
}

/** The settings of a new training. Throws 'invalid-argument' where a flag is missing, or excludes another. */
export async function newTraining(options: TrainOptions): Promise<NewTraining> {
  const given = settingsIn(options);
  const initial = await initialWeightsOf(given);
  const config = {
    ...DEFAULTS,
    ...defaultsOf(given.recipe ?? 'original'),
    ...(initial && settingsOfWeights(initial)),
    ...given,
    train: needed('--train', given.train),
    ...(given.val === undefined && { keepTogether: given.keepTogether ?? 'similar' }),
  };
  checkValidation(config);
  return { config, initial };
}

/** What `config.json` keeps of the options. That photographs stay out need not be said again when the training is resumed. */
export function settingsIn({
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
function checkValidation(config: RunConfig): void {
  const { layout = 'palm', val, labels, table, split, folds, keepTogether } = config;
  const ways = Object.entries({ '--val': val, '--split': split, '--folds': folds });
  const given = ways.flatMap(([option, value]) => (value === undefined ? [] : [option]));
  check(given.length > 0, 'invalid-argument', () => {
    return 'Nothing says what to validate on: give a set by --val, or have photographs set aside by --split 0.2, for instance, or by --folds 5.';
  });
  check(
    given.length === 1,
    'invalid-argument',
    () => `${given.join(' and ')} exclude each other: give one of them.`,
  );
  check(val === undefined || keepTogether === undefined, 'invalid-argument', () => {
    return '--keep-together goes with --split and --folds: with --val nothing is set aside.';
  });
  if (layout === 'table') needed('--table', table);
  if (layout !== 'folders' && val !== undefined) needed('--labels', labels);
}
