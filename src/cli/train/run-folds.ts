/**
 * @file A cross-validation: a training per fold, each in a folder of its own, and what they come to together.
 */

import { join } from 'node:path';
import { writeFileAtomic } from '../../io/write-file.ts';
import { type FoldMean, meanOverFolds } from '../../judge/folds.ts';
import type { EvaluationFigures } from '../../train/evaluate.ts';
import type { FitResult } from '../../train/fit.ts';
import { RunFolder } from '../../train/run-folder.ts';
import { print } from '../output.ts';

/** Trains one fold, counted from 1, whose results come to lie in `folder`. */
export type TrainFold = (fold: number, folder: string) => Promise<FitResult>;

/** The folder of a fold's results. */
export const foldFolder = (out: string, fold: number): string => join(out, `fold-${fold}`);

/** Whether a folder is that of a cross-validation. */
export const holdsFolds = (out: string): Promise<boolean> => holdsTraining(foldFolder(out, 1));

/** Whether a training was begun in a folder. */
export function holdsTraining(folder: string): Promise<boolean> {
  return RunFolder.config(folder).then(
    () => true,
    () => false,
  );
}

/**
 * Trains all folds, one after the other, and writes the figures of their last validations, their means and deviations into `folds.json`.
 * One that is stopped before its end stops them all.
 */
export async function runFolds(out: string, folds: number, train: TrainFold): Promise<void> {
  const figures: Record<string, number>[] = [];
  for (let fold = 1; fold <= folds; fold++) {
    print(`Fold ${fold} of ${folds}: ${foldFolder(out, fold)}`);
    const { reason, progress } = await train(fold, foldFolder(out, fold));
    const last = progress.history.at(-1);
    if (reason === 'aborted' || reason === 'max-steps' || !last) {
      print(`Stopped in fold ${fold}. Resume with: fovea train --out ${out} --resume`);
      return;
    }
    figures.push(figuresOf(last.validation));
  }
  const means = meanOverFolds(figures);
  await writeFileAtomic(join(out, 'folds.json'), `${JSON.stringify({ folds: figures, means }, null, 2)}\n`);
  for (const [name, mean] of Object.entries(means)) print(meanLine(name, mean));
  print(`${out}: folds.json, and a folder per fold`);
}

function figuresOf({ loss, accuracy, weightedAccuracy, auc, confusion }: EvaluationFigures) {
  const { sensitivity, specificity } = confusion ?? {};
  return {
    ...{ loss, accuracy, weightedAccuracy, auc },
    ...(sensitivity === undefined || specificity === undefined ? {} : { sensitivity, specificity }),
  };
}

function meanLine(name: string, { mean, deviation, values }: FoldMean): string {
  const each = values.map((value) => value.toFixed(4)).join(', ');
  return `${name}: ${mean.toFixed(4)} ± ${deviation.toFixed(4)} (${each})`;
}
