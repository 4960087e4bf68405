/** @file Writes a file whole or not at all (Node). */

import { randomUUID } from 'node:crypto';
import { open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { checkArgument, PATH, type Rule } from '../arguments.ts';
import { FoveaError } from '../errors.ts';

const CONTENTS: Rule = {
  holds: (value) => typeof value === 'string' || value instanceof Uint8Array,
  words: 'a string or a Uint8Array',
};

/**
 * Writes `data` to `path`, so that `path` holds at any time either what it held before or all of `data`, even
 * if the process is killed or the power fails: to a file beside it first, forced to the disk, then renamed.
 * A process that is killed may leave the file beside it: see `removeTemporaries`.
 *
 * Throws 'bad-file', saying what to do, where the folder is missing, not writable or full; nothing is
 * left behind; 'invalid-argument' for what is no path, or neither text nor bytes.
 */
export async function writeFileAtomic(path: string, data: string | Uint8Array): Promise<void> {
  checkArgument('the path of writeFileAtomic', path, PATH);
  checkArgument('the data of writeFileAtomic', data, CONTENTS);
  await replaceFile(path, data, { durable: true, mode: 0o666 });
}

/** How {@link replaceFile} writes. */
export interface ReplaceOptions {
  /** Whether it is forced to the disk: without, a failure of the power may leave the file empty or in part. */
  readonly durable: boolean;
  /** The rights of the file, less those that the user's umask takes away. */
  readonly mode: number;
}

/** {@link writeFileAtomic} for files that matter less, or that fewer may read. */
export async function replaceFile(
  path: string,
  data: string | Uint8Array,
  { durable, mode }: ReplaceOptions,
): Promise<void> {
  const temporary = temporaryName(path);
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await file.writeFile(data);
      if (durable) await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    if (durable) await syncFolder(dirname(path));
  } catch (cause) {
    // Where even that fails, the first error is the one to tell.
    await rm(temporary, { force: true }).catch(() => {});
    throw writeError(path, cause);
  }
}

/** A name beside `path` that nothing else has; `removeTemporaries` knows it. */
function temporaryName(path: string): string {
  return join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
}

/**
 * Removes what killed writes of the files called `names` left in `folder`. No other process may be writing them.
 *
 * Throws 'bad-file' where the folder cannot be listed, or a file not removed.
 */
export async function removeTemporaries(folder: string, names: readonly string[]): Promise<void> {
  try {
    for (const entry of await readdir(folder)) {
      const name = TEMPORARY.exec(entry)?.[1];
      if (name !== undefined && names.includes(name)) await rm(join(folder, entry), { force: true });
    }
  } catch (cause) {
    throw writeError(folder, cause);
  }
}

const TEMPORARY = /^\.(.+)\.[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\.tmp$/;

/** What to do about an error of the system, by its code. */
const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: free some space, or write to another one',
  EDQUOT: 'your share of the disk is used up: free some space, or write to another disk',
  EACCES: 'you may not write there: change the rights of the folder, or name another',
  EPERM: 'you may not write there: change the rights of the folder, or name another',
  EROFS: 'this disk can only be read: name a folder on another one',
  ENOENT: 'its folder is missing: make it first',
  ENOTDIR: 'a part of its path is a file, not a folder: name another folder',
  EEXIST: 'a file of that name is there: name another folder',
  EISDIR: 'a folder of that name is there: move it away',
  EMFILE: 'too many files are open: raise the limit (ulimit -n)',
};

/** The 'bad-file' error for something that the system did not let us write; `cause` is the system's error. */
export function writeError(path: string, cause: unknown): FoveaError {
  const { code = '', message } = cause as NodeJS.ErrnoException;
  const remedy = REMEDIES[code];
  const reason = remedy ? `${remedy} (${message})` : message;
  return new FoveaError('bad-file', `Cannot write "${path}": ${reason}.`, { cause });
}

/** Where folders cannot be synced: on Windows, on some file systems of networks, without the right to list them. */
const CANNOT_SYNC = ['EISDIR', 'EINVAL', 'ENOTSUP', 'EPERM', 'EACCES'];

/** Forces the names in a folder to the disk, where the system can. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!CANNOT_SYNC.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}
