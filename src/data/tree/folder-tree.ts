/** @file A folder on disk as a {@link Tree} (Node). */

import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { FoveaError, messageOf } from '../../errors.ts';
import { sourceOfFile } from '../../io/zip/file-source.ts';
import type { Tree, TreeFile } from './tree.ts';

/** The folder at `path`. Links in it count as files, so that none leads round in circles. */
export function folderTree(path: string): Tree {
  return {
    name: basename(path),
    path,
    async list() {
      const entries = await readdir(path, { withFileTypes: true }).catch((cause: unknown) => {
        throw new FoveaError('bad-file', `Cannot read the folder ${path}: ${messageOf(cause)}.`, { cause });
      });
      const inside = (isFolder: boolean): string[] =>
        entries.filter((entry) => entry.isDirectory() === isFolder).map(({ name }) => join(path, name));
      return { folders: inside(true).map(folderTree), files: inside(false).map(diskFile) };
    },
  };
}

/** The file at `path`, which is opened when it is read. */
export function diskFile(path: string): TreeFile {
  return { name: basename(path), path, open: () => sourceOfFile(path) };
}
