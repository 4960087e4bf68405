/** @file Checkpoints in the origin's private file system (browsers): the same bytes as those on disk in Node. */

import { checkArgument, PATH } from '../arguments.ts';
import { FoveaError } from '../errors.ts';
import {
  privateFolder,
  readPrivateFile,
  removePrivate,
  writePrivateFile,
} from '../io/browser/private-files.ts';
import type { Checkpoint } from './checkpoint.ts';
import { decodeCheckpoint, encodeCheckpoint } from './checkpoint-format.ts';

/** Of what one read gives; ResNet-152 with its velocities takes a quarter of it. */
const MAX_BYTES = 2 ** 31 - 2;
const CHECKPOINT = /\.safetensors$/;

/** A checkpoint that is kept. */
export interface StoredCheckpoint {
  /** Where it lies, for {@link loadCheckpoint}. */
  readonly path: string;
  /** How many bytes it has. */
  readonly bytes: number;
  /** When it was written, in milliseconds since 1970. */
  readonly written: number;
}

/**
 * Writes a checkpoint to `path` of the origin's private file system, such as `myopia/last.safetensors`; folders on the way are made. It is
 * written whole or not at all: where the tab is closed meanwhile, the former one is still there. The bytes are those that Node writes.
 *
 * Throws 'bad-file', saying what to do, where it cannot be written, for instance since no storage is left; 'not-finite' as
 * `encodeCheckpoint` does; 'unsupported' where the browser has no such file system.
 */
export async function saveCheckpoint(path: string, checkpoint: Checkpoint): Promise<void> {
  checkArgument('the path of saveCheckpoint', path, PATH);
  await writePrivateFile(path, encodeCheckpoint(checkpoint));
}

/** Reads a checkpoint that {@link saveCheckpoint} wrote. Throws 'bad-file', naming `path`, where it cannot be read or is no checkpoint. */
export async function loadCheckpoint(path: string): Promise<Checkpoint> {
  checkArgument('the path of loadCheckpoint', path, PATH);
  const bytes = await readPrivateFile(path, MAX_BYTES);
  try {
    return decodeCheckpoint(bytes);
  } catch (cause) {
    throw new FoveaError('bad-file', `Cannot read the checkpoint ${path}: ${(cause as Error).message}`, {
      cause,
    });
  }
}

/** The checkpoints (`.safetensors`) in a folder and those in it, the newest first; none where there is no such folder. */
export async function listCheckpoints(folder = ''): Promise<StoredCheckpoint[]> {
  if (folder !== '') checkArgument('the folder of listCheckpoints', folder, PATH);
  const root = await privateFolder(folder, { create: false });
  const found: StoredCheckpoint[] = [];
  if (root) await collect(root, folder.replace(/\/+$/, ''), found);
  return found.sort((a, b) => b.written - a.written || (a.path < b.path ? -1 : 1));
}

async function collect(
  folder: FileSystemDirectoryHandle,
  path: string,
  found: StoredCheckpoint[],
): Promise<void> {
  for await (const child of folder.values()) {
    const place = path === '' ? child.name : `${path}/${child.name}`;
    if (child instanceof FileSystemDirectoryHandle) await collect(child, place, found);
    else if (child instanceof FileSystemFileHandle && CHECKPOINT.test(child.name)) {
      const { size, lastModified } = await child.getFile();
      found.push({ path: place, bytes: size, written: lastModified });
    }
  }
}

/** Removes the checkpoint, or the folder with all that is in it, at `path`. What is not there counts as removed. Throws 'bad-file' where it cannot be. */
export async function removeCheckpoint(path: string): Promise<void> {
  checkArgument('the path of removeCheckpoint', path, PATH);
  await removePrivate(path);
}
