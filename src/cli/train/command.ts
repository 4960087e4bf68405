/**
 * @file `fovea train`
 */

import { basename, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { DECODERS } from '../../data/decoder.ts';
import { MAX_PIXELS } from '../../data/image-header.ts';
import { PREPROCESSING_NAMES } from '../../data/preprocessing.ts';
import type { AdapterKind } from '../../device/adapter-source.ts';
import { check } from '../../errors.ts';
import { RESNET_LAYERS } from '../../nn/resnet.ts';
import type { Checkpoint } from '../../train/checkpoint.ts';
import { loadCheckpoint } from '../../train/checkpoint-file.ts';
import type { FitResult } from '../../train/fit.ts';
import { RECIPE_NAMES } from '../../train/recipes.ts';
import { RunFolder } from '../../train/run-folder.ts';
import {
  adapter,
  bestBy,
  checkFile,
  decoder,
  integer,
  layers,
  MAX_PIXELS_HELP,
  onCorrupt,
  partOfAll,
  positive,
} from '../arguments.ts';
import { addLayoutOptions } from '../data-sets.ts';
import { print } from '../output.ts';
import { settingsOfWeights } from './initial-weights.ts';
import { defaultsOf, defaultText, recipe, TRANSFORMS_NAMES, transforms } from './recipe.ts';
import { RANGES, type RunConfig, readRunConfig, resumedConfig } from './run-config.ts';
import { foldFolder, runFolds } from './run-folds.ts';
import { resumeTraining, runTraining, type TrainingRun } from './run-training.ts';

const DEFAULTS = {
  seed: 1,
  onCorrupt: 'throw',
  maxPixels: MAX_PIXELS,
  best: 'auc',
} as const;

interface Options extends Partial<RunConfig> {
  readonly out: string;
  readonly adapter: AdapterKind;
  readonly maxSteps?: number;
  readonly photographs: boolean;
  /** true: the newest checkpoint in the folder */
  readonly resume?: string | true;
}

/** The command `train`. */
export const trainCommand = addLayoutOptions(
  new Command('train')
    .description(
      'train a ResNet to tell classes of photographs apart, such as pathologic myopia from healthy eyes',
    )
    .option('--train <path>', 'folder or zip of training photographs (P….jpg, H….jpg, N….jpg)')
    .option('--val <path>', 'folder or zip of validation photographs (V….jpg)')
    .option('--labels <path>', 'table of the validation labels (CSV, xlsx), or a zip or folder with it')
    .option(
      '--split <share>',
      'in place of --val: validate on this share of the training photographs, 0.2 for instance',
      partOfAll,
    )
    .option(
      '--folds <n>',
      'in place of --val: divide the training photographs into n folds, and train n times, into --out/fold-1 and so on',
      integer(...RANGES.folds),
    )
    .option('--table <path>', 'table of the training labels, with --layout table'),
)
  .requiredOption('--out <dir>', 'folder for checkpoints, metrics and the loss curve')
  .option(
    '--recipe <name>',
    `what is not said otherwise: ${RECIPE_NAMES.join(', ')}; see docs/recipes.md (default: original)`,
    recipe,
  )
  .option(
    '--transforms <name>',
    `random transforms of the training photographs: ${TRANSFORMS_NAMES.join(', ')} ${defaultText('transforms')}`,
    transforms,
  )
  .option(
    '--layers <n>',
    `layers of the ResNet: ${RESNET_LAYERS.join(', ')} ${defaultText('layers')}`,
    layers,
  )
  .option('--size <pixels>', `side of the scaled images ${defaultText('size')}`, integer(...RANGES.size))
  .option('--batch <n>', `photographs per step ${defaultText('batch')}`, integer(...RANGES.batch))
  .option('--epochs <n>', `number of epochs ${defaultText('epochs')}`, integer(...RANGES.epochs))
  .option('--lr <rate>', `largest learning rate ${defaultText('lr')}`, positive)
  .option(
    '--seed <n>',
    `seed of the initial weights and of the order of photographs (default: ${DEFAULTS.seed})`,
    integer(...RANGES.seed),
  )
  .option(
    '--patience <epochs>',
    'stop when the figure of --best was no better than its best for so many epochs in a row (default: never)',
    integer(...RANGES.patience),
  )
  .option(
    '--decoder <name>',
    `what decodes the photographs: ${DECODERS.join(' or ')}, the package, if you have installed it (default: own)`,
    decoder,
  )
  .option(
    '--cache <dir>',
    'keep the scaled photographs in this folder, for later runs; only you can read it (default: none are kept)',
  )
  .option('--tensorboard', 'write event files for TensorBoard into --out too')
  .option(
    '--best <figure>',
    `figure of the validation that chooses best.safetensors: auc, accuracy or loss (default: ${DEFAULTS.best})`,
    bestBy,
  )
  .option('--no-photographs', 'leave the most wrong photographs out of report.html')
  .option('--max-steps <n>', 'stop after this many steps in total', integer(1))
  .option(
    '--resume [checkpoint]',
    'resume the training in --out, from its newest checkpoint if none is named',
  )
  .option('--adapter <kind>', 'auto, hardware or software', adapter, 'auto')
  .option(
    '--on-corrupt <what>',
    `what to do with damaged images: throw or skip (default: ${DEFAULTS.onCorrupt})`,
    onCorrupt,
  )
  .option(
    '--max-pixels <n>',
    `${MAX_PIXELS_HELP} (default: ${DEFAULTS.maxPixels})`,
    integer(...RANGES.maxPixels),
  )
  .option('--init <file>', 'weights to start from: a checkpoint, .safetensors, .pdparams or .pth of a ResNet')
  .option('--init-optimizer <file>', "Paddle's .pdopt beside a .pdparams: go on with its velocities")
  .addOption(
    new Option(
      '--preprocessing <name>',
      "original, or imagenet: RGB by ImageNet's mean and deviation (default: as the weights of --init want it, else original)",
    ).choices(PREPROCESSING_NAMES),
  )
  .option(
    '--freeze <patterns>',
    'do not train these parameters: backbone (all but the last layer), names or beginnings of them (conv,bb_0_*), /expressions/',
  )
  .option(
    '--head-lr <rate>',
    "learning rate of the last layer's first step, which falls as --lr does (default: --lr)",
    positive,
  )
  .addOption(
    new Option(
      '--batch-norm <how>',
      'held: batch norms keep parameters and running statistics; trained: even where frozen (default: as --freeze says)',
    ).choices(['held', 'trained']),
  )
  .option(
    '--recalibrate',
    'before each validation, recompute the running statistics from the training photographs; for short trainings',
  )
  .action(async (options: Options) => {
    const { out, resume: from, folds } = options;
    if (from ? await holdsFolds(out) : folds !== undefined) return trainFolds(options);
    const result = from ? await resume(options, from) : await runTraining(await newRun(options));
    await printOutcome(result, out);
  });

/** Says which results lie in `out`, and how to resume where there is more to do. */
export async function printOutcome({ reason, progress }: FitResult, out: string): Promise<void> {
  print(`${out}: ${(await RunFolder.results(out)).join(', ')}`);
  if (reason === 'finished') return;
  if (reason === 'early-stopping') {
    print(
      `Ended after epoch ${progress.epoch}: validations no longer improved. Go on with --resume and more --patience.`,
    );
    return;
  }
  print(`Stopped after step ${progress.step}. Resume with: fovea train --out ${out} --resume`);
}

async function newRun({ resume, ...options }: Options): Promise<TrainingRun & { readonly out: string }> {
  const { out, adapter, maxSteps, photographs, ...given } = options;
  const config = {
    ...DEFAULTS,
    ...defaultsOf(given.recipe ?? 'original'),
    ...(await settingsOfWeights(given)),
    ...given,
    train: required('--train', given.train),
    ...absolutePaths(given),
  };
  checkValidation(config);
  return { config, out, adapter, maxSteps, photographs };
}

/** Throws 'invalid-argument' unless it is said, in one way, what is validated on, and where labels are. */
function checkValidation({ layout = 'palm', val, labels, table, split, folds }: RunConfig): void {
  const ways = [val, split, folds].filter((way) => way !== undefined).length;
  check(ways === 1, 'invalid-argument', () => {
    const given = ways === 0 ? 'None is given' : `${ways} are given`;
    return `${given} of --val, --split and --folds: give a validation set, or have photographs set aside by one of the others.`;
  });
  if (layout === 'table') required('--table', table);
  if (layout !== 'folders' && val !== undefined) required('--labels', labels);
}

/** The paths that are given, from whatever folder a later command runs in. */
const absolutePaths = (given: Partial<RunConfig>): Partial<RunConfig> =>
  absolute(given, ['train', 'val', 'labels', 'table', 'cache', 'init', 'initOptimizer']);

/** Trains a fold after the other; with `--resume`, those that are not done. */
async function trainFolds(options: Options): Promise<void> {
  const { out, adapter, maxSteps, photographs } = options;
  const config = options.resume ? await readRunConfig(foldFolder(out, 1)) : (await newRun(options)).config;
  await runFolds(out, config.folds ?? 1, async (fold, folder) => {
    if (options.resume && (await holdsTraining(folder))) return resume({ ...options, out: folder }, true);
    return runTraining({ config: { ...config, fold }, out: folder, adapter, maxSteps, photographs });
  });
}

/** Whether a folder is that of a cross-validation. */
const holdsFolds = (out: string): Promise<boolean> => holdsTraining(foldFolder(out, 1));

/** Whether a training was begun in a folder. */
function holdsTraining(folder: string): Promise<boolean> {
  return RunFolder.config(folder).then(
    () => true,
    () => false,
  );
}

async function resume(options: Options, from: string | true): Promise<FitResult> {
  const { out, adapter, maxSteps, photographs, resume: _, ...given } = options;
  const folder = await RunFolder.open(out);
  try {
    const config = resumedConfig(await readRunConfig(out), { ...given, ...absolutePaths(given) });
    const checkpoint = await checkpointOf(folder, from);
    return await resumeTraining(folder, { config, adapter, maxSteps, photographs }, checkpoint);
  } finally {
    await folder.close();
  }
}

/** The checkpoint to resume from, `true` for the newest; undefined where the training in `folder` ended before its first. */
export async function checkpointOf(folder: RunFolder, from: string | true): Promise<Checkpoint | undefined> {
  if (from !== true) {
    await checkFile('--resume', from);
    return loadCheckpoint(from);
  }
  const results = await RunFolder.results(folder.path);
  if (results.includes(basename(folder.last))) return loadCheckpoint(folder.last);
  check(!results.includes(basename(folder.best)), 'bad-file', () => {
    return `${folder.last} is missing, though ${folder.best} is there: resume from that one with --resume ${folder.best}`;
  });
  print(
    `${folder.path} holds no checkpoint yet: starting from the first step, with the settings kept there.`,
  );
  return undefined;
}

function required(option: string, path: string | undefined): string {
  check(path !== undefined, 'invalid-argument', () => {
    return `${option} is missing. To try fovea without data of your own: fovea demo`;
  });
  return resolve(path);
}

type PathKey = 'table' | 'train' | 'val' | 'labels' | 'cache' | 'init' | 'initOptimizer';

/** Those of the paths that are given, absolute. */
function absolute(given: Partial<RunConfig>, keys: readonly PathKey[]): Partial<Record<PathKey, string>> {
  return Object.fromEntries(keys.flatMap((key) => (given[key] ? [[key, resolve(given[key])]] : [])));
}
