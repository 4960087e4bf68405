/**
 * @file Checkpoints on disk (Node).
 */

import { checkArgument, PATH } from '../arguments.ts';
import { FoveaError } from '../errors.ts';
import { readRegularFile } from '../io/read-file.ts';
import { writeFileAtomic } from '../io/write-file.ts';
import type { Checkpoint } from './checkpoint.ts';
import { decodeCheckpoint, encodeCheckpoint } from './checkpoint-format.ts';

/** Of what one read gives; ResNet-152 with its velocities takes a quarter of it. */
const MAX_BYTES = 2 ** 31 - 2;

/** Writes a checkpoint whole or not at all. Throws 'bad-file' where `path` cannot be written. */
export async function saveCheckpoint(path: string, checkpoint: Checkpoint): Promise<void> {
  checkArgument('the path of saveCheckpoint', path, PATH);
  await writeFileAtomic(path, encodeCheckpoint(checkpoint));
}

/** Reads a checkpoint. Throws 'bad-file', naming `path`, where it cannot be read or is no checkpoint. */
export async function loadCheckpoint(path: string): Promise<Checkpoint> {
  checkArgument('the path of loadCheckpoint', path, PATH);
  const bytes = await readRegularFile('checkpoint', path, MAX_BYTES);
  try {
    return decodeCheckpoint(bytes);
  } catch (cause) {
    throw new FoveaError('bad-file', `Cannot read the checkpoint ${path}: ${(cause as Error).message}`, {
      cause,
    });
  }
}
