/**
 * @file Begins or resumes what `fovea train` is asked for: one training, or one per fold.
 */

import { basename } from 'node:path';
import { check } from '../../errors.ts';
import type { Checkpoint } from '../../train/checkpoint.ts';
import { loadCheckpoint } from '../../train/checkpoint-file.ts';
import type { FitResult } from '../../train/fit.ts';
import { RunFolder } from '../../train/run-folder.ts';
import { checkFile } from '../arguments.ts';
import { print } from '../output.ts';
import { newSettings, resumedSettings, type TrainOptions } from './given-settings.ts';
import { foldFolder, holdsFolds, holdsTraining, runFolds } from './run-folds.ts';
import { resumeTraining, runTraining } from './run-training.ts';

/** Runs `fovea train`. */
export async function startTraining(options: TrainOptions): Promise<void> {
  const { out, adapter, maxSteps, resume: from, folds } = options;
  if (from ? await holdsFolds(out) : folds !== undefined) return trainFolds(options);
  const result = from
    ? await resume(options, from)
    : await runTraining({ config: await newSettings(options), out, adapter, maxSteps });
  await printOutcome(result, out);
}

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

/** Trains a fold after the other; with `--resume`, those that are not done. */
async function trainFolds(options: TrainOptions): Promise<void> {
  const { out, adapter, maxSteps, resume: from } = options;
  check(typeof from !== 'string', 'invalid-argument', () => {
    return `--resume ${from}: ${out} holds folds, each of which resumes from its own newest checkpoint: leave the name out.`;
  });
  const config = from ? await resumedSettings(foldFolder(out, 1), options) : await newSettings(options);
  await runFolds(out, config.folds ?? 1, async (fold, folder) => {
    if (from && (await holdsTraining(folder))) return resume({ ...options, out: folder }, true);
    return runTraining({ config: { ...config, fold }, out: folder, adapter, maxSteps });
  });
}

async function resume(options: TrainOptions, from: string | true): Promise<FitResult> {
  const { out, adapter, maxSteps } = options;
  const folder = await RunFolder.open(out);
  try {
    const config = await resumedSettings(out, options);
    const checkpoint = await checkpointOf(folder, from);
    return await resumeTraining(folder, { config, adapter, maxSteps }, checkpoint);
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
