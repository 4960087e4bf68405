/**
 * @file Which checkpoint of a run folder is the best, and mending the file that should hold it (Node).
 */

import { rename } from 'node:fs/promises';
import { basename } from 'node:path';
import { writeFileAtomic } from '../io/write-file.ts';
import type { Checkpoint } from './checkpoint.ts';
import { loadCheckpoint } from './checkpoint-file.ts';
import { encodeCheckpoint } from './checkpoint-format.ts';
import { type BestBy, bestEpoch, type EpochReport } from './progress.ts';

/** Whether an epoch has just ended that is the best so far. */
export function isBest({ progress: { batch, history } }: Checkpoint, by: BestBy): boolean {
  return batch === 0 && history.length > 0 && bestEpoch(history, by) === history.length - 1;
}

/** Where the best checkpoint lies, and where one that is not of this training goes. */
interface BestPaths {
  readonly best: string;
  readonly setAside: string;
}

/**
 * Makes the file at `best`, of which `exists` says whether it is there, the checkpoint that the history names, or sets it aside. Returns
 * what was done, in sentences to be shown.
 */
export async function mendBest(
  { best, setAside }: BestPaths,
  exists: boolean,
  checkpoint: Checkpoint | undefined,
  by: BestBy,
): Promise<string[]> {
  const history = checkpoint?.progress.history ?? [];
  const epoch = bestEpoch(history, by);
  const found = exists ? await loadCheckpoint(best).catch(() => undefined) : undefined;
  const isOurs = found !== undefined && isPartOf(found.progress.history, history);
  if (isOurs && found.progress.epoch === epoch + 1) return [];

  const name = basename(best);
  const notes: string[] = [];
  const mended = checkpoint !== undefined && isBest(checkpoint, by);
  // One of an earlier epoch is what a process leaves that ends between writing last and best.
  if (exists && !(isOurs && mended)) {
    await rename(best, setAside);
    notes.push(`${name} is not of the best epoch of this training: moved to ${basename(setAside)}.`);
  }
  if (mended) {
    await writeFileAtomic(best, encodeCheckpoint(checkpoint));
    notes.push(`${name} was not written when epoch ${epoch + 1} had ended: written from the checkpoint.`);
  } else if (epoch >= 0) {
    notes.push(`The checkpoint of the best epoch, ${epoch + 1}, is gone: ${name} will be of a better one.`);
  }
  return notes;
}

/** Whether `history` begins with `part`. Figures are in it, so that the histories of two trainings differ. */
function isPartOf(part: readonly EpochReport[], history: readonly EpochReport[]): boolean {
  return JSON.stringify(part) === JSON.stringify(history.slice(0, part.length));
}
