/** @file Opens a folder or a zip archive, whichever lies at a path (Node). */

import { stat } from 'node:fs/promises';
import { check, FoveaError, messageOf } from '../../errors.ts';
import { kindOf } from '../../io/read-file.ts';
import { sourceOfFile } from '../../io/zip/file-source.ts';
import { openZip } from '../../io/zip/open-zip.ts';
import { folderTree } from './folder-tree.ts';
import type { Tree } from './tree.ts';
import { zipTree } from './zip-tree.ts';

/**
 * The folder or zip archive at `path`.
 *
 * Throws 'bad-file' where there is neither.
 */
export async function openTree(path: string): Promise<Tree> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new FoveaError('bad-file', `Cannot read the folder or archive ${path}: ${messageOf(cause)}.`, {
      cause,
    });
  });
  if (found.isDirectory()) return folderTree(path);
  check(found.isFile(), 'bad-file', () => `${path} is ${kindOf(found)}: give a folder or a zip archive.`);
  try {
    return zipTree(await openZip(await sourceOfFile(path), path));
  } catch (cause) {
    if (!(cause instanceof FoveaError)) throw cause;
    throw new FoveaError(cause.code, `${cause.message} Give a folder or a whole zip archive.`, { cause });
  }
}
