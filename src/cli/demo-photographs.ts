/**
 * @file The drawn photographs that the demo trains on.
 */

import { rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { SyntheticDatasetOptions } from '../data/synth/synthetic-files.ts';
import { writeSyntheticDataset } from '../data/synth.ts';
import { check, FoveaError } from '../errors.ts';

/** What `writeSyntheticDataset` writes last. */
const LABELS = 'labels.csv';

/**
 * Draws a data set into `folder`, unless there is one. It is drawn beside and renamed, so that `folder` holds all of it or does
 * not exist: what a killed process had begun is removed by the next.
 *
 * Throws 'bad-data' where `folder` exists without its labels, 'bad-file' where nothing can be written there.
 */
export async function drawOnce(folder: string, options: SyntheticDatasetOptions): Promise<void> {
  if (await exists(folder)) {
    const isWhole = await exists(join(folder, LABELS));
    check(
      isWhole,
      'bad-data',
      () => `${folder} has no ${LABELS}, so it is incomplete: remove it and start again.`,
    );
    return;
  }
  const unfinished = `${folder}.unfinished`;
  try {
    await rm(unfinished, { recursive: true, force: true });
    await writeSyntheticDataset(unfinished, options);
    await rename(unfinished, folder);
  } catch (cause) {
    if (cause instanceof FoveaError) throw cause;
    throw new FoveaError('bad-file', `Cannot draw photographs into ${folder}: ${(cause as Error).message}`, {
      cause,
    });
  }
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
