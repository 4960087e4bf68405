/**
 * @file `fovea train`
 */

import { Command, Option } from 'commander';
import { DECODERS } from '../../data/decoder.ts';
import { PREPROCESSING_NAMES } from '../../data/preprocessing.ts';
import { RESNET_LAYERS } from '../../nn/resnet.ts';
import { RECIPE_NAMES } from '../../train/recipes.ts';
import {
  adapter,
  bestBy,
  decoder,
  integer,
  layers,
  MAX_PIXELS_HELP,
  onCorrupt,
  partOfAll,
  positive,
} from '../arguments.ts';
import { addLayoutOptions } from '../data-sets.ts';
import { DEFAULTS } from './given-settings.ts';
import { keepTogether } from './keep-together.ts';
import { defaultText, recipe, TRANSFORMS_NAMES, transforms } from './recipe.ts';
import { RANGES } from './run-config.ts';
import { startTraining } from './start-training.ts';

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
    .option(
      '--keep-together <what>',
      'with --split and --folds, what stays on one side: similar, pictures that look the same, for which all are compared first; ' +
        'or identical, byte-identical files alone (default: similar)',
      keepTogether,
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
  .action(startTraining);
