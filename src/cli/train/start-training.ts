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
import { newTraining, settingsIn, type TrainOptions } from './given-settings.ts';
import { SimilarSearch } from './keep-together.ts';
import { type RunConfig, readRunConfig, resumedConfig } from './run-config.ts';
import { foldFolder, holdsFolds, holdsTraining, runFolds } from './run-folds.ts';
import { resumeTraining, runTraining, type TrainingRun } from './run-training.ts';

/** Runs `fovea train`. */
export async function startTraining(options: TrainOptions): Promise<void> {
  const { out, adapter, maxSteps, resume: from, folds } = options;
  if (from ? await holdsFolds(out) : folds !== undefined) return trainFolds(options);
  const result = from
    ? await resume(out, { given: settingsIn(options), from, adapter, maxSteps })
    : await runTraining({ ...(await newTraining(options)), out, adapter, maxSteps });
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

/** Trains a fold after the other; with `--resume`, those that are not done. All have the settings of the first. */
async function trainFolds(options: TrainOptions): Promise<void> {
  const { out, adapter, maxSteps, resume: from } = options;
  check(typeof from !== 'string', 'invalid-argument', () => {
    return `--resume ${from}: ${out} holds folds, each of which resumes from its own newest checkpoint: leave the name out.`;
  });
  const begun = from
    ? { config: await settingsToResume(foldFolder(out, 1), settingsIn(options)) }
    : await newTraining(options);
  const session = { ...begun, search: new SimilarSearch(), adapter, maxSteps };
  await runFolds(out, begun.config.folds ?? 1, async (fold, folder) => {
    const config = { ...begun.config, fold };
    if (from && (await holdsTraining(folder)))
      return resume(folder, { ...session, given: config, from: true });
    return runTraining({ ...session, config, out: folder });
  });
}

/** A training to go on with: settings that are given anew, and from which checkpoint, `true` for the newest. */
interface Resumption extends Omit<TrainingRun, 'config'> {
  readonly given: Partial<RunConfig>;
  readonly from: string | true;
}

async function resume(out: string, { given, from, ...session }: Resumption): Promise<FitResult> {
  const folder = await RunFolder.open(out);
  try {
    const config = await settingsToResume(out, given);
    const checkpoint = await checkpointOf(folder, from);
    return await resumeTraining(folder, { ...session, config }, checkpoint);
  } finally {
    await folder.close();
  }
}

/** The settings kept in `folder`, but for those that are given anew. Throws as {@link resumedConfig}. */
async function settingsToResume(folder: string, given: Partial<RunConfig>): Promise<RunConfig> {
  return resumedConfig(await readRunConfig(folder), given);
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
