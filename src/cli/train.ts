/**
 * @file `fovea train`
 */

import { resolve } from 'node:path';
import { Command } from 'commander';
import type { AdapterKind } from '../device/adapter-source.ts';
import { check } from '../errors.ts';
import { loadCheckpoint } from '../train/checkpoint-file.ts';
import type { FitResult } from '../train/fit.ts';
import { RunFolder } from '../train/run-folder.ts';
import { adapter, checkFile, integer, layers, onCorrupt, positive } from './arguments.ts';
import { print } from './output.ts';
import { type RunConfig, resumedConfig } from './run-config.ts';
import { runTraining, type TrainingRun } from './run-training.ts';

const DEFAULTS = {
  layers: 50,
  size: 224,
  batch: 10,
  epochs: 10,
  lr: 0.005,
  seed: 1,
  onCorrupt: 'throw',
} as const;

interface Options extends Partial<RunConfig> {
  readonly out: string;
  readonly adapter: AdapterKind;
  readonly maxSteps?: number;
  /** true: the newest checkpoint in the folder */
  readonly resume?: string | true;
}

/** The command `train`. */
export const trainCommand = new Command('train')
  .description('train a ResNet to tell pathologic myopia from fundus photographs')
  .option('--train <dir>', 'folder of training photographs (P….jpg, H….jpg, N….jpg)')
  .option('--val <dir>', 'folder of validation photographs (V….jpg)')
  .option('--labels <csv>', 'table of the validation labels')
  .requiredOption('--out <dir>', 'folder for checkpoints, metrics and the loss curve')
  .option('--layers <n>', `50, 101 or 152 (default: ${DEFAULTS.layers})`, layers)
  .option('--size <pixels>', `side of the scaled images (default: ${DEFAULTS.size})`, integer(32, 4096))
  .option('--batch <n>', `photographs a step (default: ${DEFAULTS.batch})`, integer(1, 4096))
  .option('--epochs <n>', `(default: ${DEFAULTS.epochs})`, integer(1))
  .option('--lr <rate>', `learning rate of the first step (default: ${DEFAULTS.lr})`, positive)
  .option('--seed <n>', `of the weights and the order (default: ${DEFAULTS.seed})`, integer(0, 2 ** 32 - 1))
  .option('--max-steps <n>', 'stop after so many steps in all', integer(1))
  .option(
    '--resume [checkpoint]',
    'go on with the training in --out; from its newest checkpoint, if none is named',
  )
  .option('--adapter <kind>', 'auto, hardware or software', adapter, 'auto')
  .option(
    '--on-corrupt <what>',
    `throw or skip: what to do about damaged images (default: ${DEFAULTS.onCorrupt})`,
    onCorrupt,
  )
  .option(
    '--recalibrate',
    'before each validation, compute the running statistics anew from the training photographs: for short trainings',
  )
  .action(async (options: Options) => {
    const run = options.resume ? await resumedRun(options, options.resume) : newRun(options);
    printOutcome(await runTraining(run), run.out);
  });

/** Says where the results lie, and how to go on where there is more to do. */
export function printOutcome({ reason, progress }: FitResult, out: string): void {
  const best = progress.history.length > 0 ? 'best.safetensors, ' : '';
  print(`${out}: last.safetensors, ${best}metrics.jsonl, loss.svg, loss.png`);
  if (reason === 'finished') return;
  print(`Stopped after step ${progress.step}. Go on with: fovea train --out ${out} --resume`);
}

function newRun({ resume, ...options }: Options): TrainingRun {
  const { out, adapter, maxSteps, ...given } = options;
  const config = {
    ...DEFAULTS,
    ...given,
    train: required('--train', given.train),
    val: required('--val', given.val),
    labels: required('--labels', given.labels),
  };
  return { config, out, adapter, maxSteps };
}

async function resumedRun(options: Options, resume: string | true): Promise<TrainingRun> {
  const { out, adapter, maxSteps, resume: _, ...given } = options;
  const kept = (await RunFolder.config(out)) as RunConfig;
  const paths = Object.fromEntries(
    (['train', 'val', 'labels'] as const).flatMap((key) => (given[key] ? [[key, resolve(given[key])]] : [])),
  );
  const config = resumedConfig(kept, { ...given, ...paths });
  const path = resume === true ? `${out}/last.safetensors` : resume;
  await checkFile('--resume', path);
  const checkpoint = await loadCheckpoint(path);
  return { config, out, adapter, maxSteps, checkpoint };
}

function required(option: string, path: string | undefined): string {
  check(path !== undefined, 'invalid-argument', () => {
    return `${option} is missing. To try fovea without data of your own: fovea demo`;
  });
  return resolve(path);
}
