/**
 * @file The model card of a training, written when it ends.
 */

import { type CardSet, renderModelCard } from '../../report/model-card.ts';
import type { TrainingDescription } from '../../train/checkpoint.ts';
import { type BestBy, bestEpoch, type EpochReport } from '../../train/progress.ts';
import type { RunFolder } from '../../train/run-folder.ts';
import { classesOf } from '../load-classifier.ts';
import { warn } from '../output.ts';

/** What a card needs beside its folder. */
export interface CardContent {
  readonly about: TrainingDescription;
  readonly sets: readonly CardSet[];
  readonly history: readonly EpochReport[];
  readonly bestBy: BestBy;
  readonly adapter: string;
}

/** Writes the card of the best epoch so far; a training that has come to its end is not lost for one that cannot be made. */
export async function writeModelCard(
  folder: RunFolder,
  { about: { config, settings }, sets, history, bestBy, adapter }: CardContent,
): Promise<void> {
  const epoch = history[bestEpoch(history, bestBy)];
  try {
    const predictions = await folder.bestPredictions();
    const named = { ...config, classes: classesOf(config) };
    const content = { config: named, settings, sets, epoch, predictions, bestBy, adapter };
    await folder.writeModelCard(renderModelCard(content));
  } catch (error) {
    warn(`No model-card.md: ${(error as Error).message}`);
  }
}
