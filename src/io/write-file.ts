/** @file Writes a file whole or not at all (Node). */

import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { FoveaError } from '../errors.ts';

/**
 * Writes `data` to `path`, so that `path` holds at any time either what it held before or all of `data`, even
 * if the process is killed or the power fails: to a file beside it first, forced to the disk, then renamed.
 *
 * @throws FoveaError `bad-file` where the folder is missing or not writable; nothing is left behind
 */
export async function writeFileAtomic(path: string, data: string | Uint8Array): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(data);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw new FoveaError('bad-file', `Cannot write "${path}": ${(cause as Error).message}`, { cause });
  }
}
