/**
 * @file Checkpoints on disk (Node).
 */

import { readFile } from 'node:fs/promises';
import { FoveaError } from '../errors.ts';
import { writeFileAtomic } from '../io/write-file.ts';
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from './checkpoint.ts';

/** Writes a checkpoint whole or not at all. Throws 'bad-file' where `path` cannot be written. */
export function saveCheckpoint(path: string, checkpoint: Checkpoint): Promise<void> {
  return writeFileAtomic(path, encodeCheckpoint(checkpoint));
}

/** Reads a checkpoint. Throws 'bad-file', naming `path`, where it cannot be read or is no checkpoint. */
export async function loadCheckpoint(path: string): Promise<Checkpoint> {
  try {
    return decodeCheckpoint(await readFile(path));
  } catch (cause) {
    throw new FoveaError('bad-file', `Cannot read the checkpoint ${path}: ${(cause as Error).message}`, {
      cause,
    });
  }
}
