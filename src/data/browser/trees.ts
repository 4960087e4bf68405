/** @file Files, folders and archives of a page as a {@link Tree}. */

import { checkArgument, type Rule, STRING } from '../../arguments.ts';
import { check, FoveaError, messageOf } from '../../errors.ts';
import { openZip } from '../../io/zip/open-zip.ts';
import type { Tree, TreeFile } from '../tree/tree.ts';
import { treeOfPaths } from '../tree/tree-of-paths.ts';
import { zipTree } from '../tree/zip-tree.ts';
import { fileOfBlob, sourceOfBlob } from './blob-source.ts';
import { type PlacedFile, placeFiles } from './placed-files.ts';

const DIRECTORY: Rule = {
  holds: (value) =>
    typeof FileSystemDirectoryHandle !== 'undefined' && value instanceof FileSystemDirectoryHandle,
  words: 'a FileSystemDirectoryHandle, as showDirectoryPicker() gives it',
};
const BLOB: Rule = {
  holds: (value) => typeof Blob !== 'undefined' && value instanceof Blob,
  words: 'a File or a Blob',
};

/**
 * The folders that files lie in: those of an `<input type="file">`, with or without `webkitdirectory`, of a drop
 * ({@link placeDropped}), or with paths of your own. Nothing is read yet. Archives among them are looked into by who reads the tree.
 *
 * Throws 'bad-data' where two have the same path, 'invalid-argument' for what are no files.
 */
export function treeOfFiles(files: Iterable<File | PlacedFile>): Tree {
  const placed = placeFiles(files);
  const paths = new Set<string>();
  for (const { path } of placed) {
    check(!paths.has(path), 'bad-data', () => `There are two files ${path}: give one of them.`);
    paths.add(path);
  }
  return treeOfPaths(
    { name: '', path: '' },
    placed.map((each) => [each.path, each] as const),
    ({ path, file }) => fileOfBlob(file, path),
  );
}

/**
 * The folder of a handle, as `showDirectoryPicker()` and the origin's private file system give it. It is listed when it is read.
 *
 * Throws 'invalid-argument' for what is none; listing it throws 'bad-file' where it is gone or the user does not permit it.
 */
export function treeOfDirectory(handle: FileSystemDirectoryHandle): Tree {
  checkArgument('what treeOfDirectory is given', handle, DIRECTORY);
  return directoryAt(handle, handle.name);
}

function directoryAt(handle: FileSystemDirectoryHandle, path: string): Tree {
  return {
    name: handle.name,
    path,
    async list() {
      try {
        const folders: Tree[] = [];
        const files: Promise<TreeFile>[] = [];
        for await (const child of handle.values()) {
          const place = `${path}/${child.name}`;
          if (child instanceof FileSystemDirectoryHandle) folders.push(directoryAt(child, place));
          else if (child instanceof FileSystemFileHandle)
            files.push(child.getFile().then((file) => fileOfBlob(file, place)));
        }
        return { folders, files: await Promise.all(files) };
      } catch (cause) {
        throw new FoveaError('bad-file', `Cannot read the folder ${path}: ${messageOf(cause)}`, { cause });
      }
    },
  };
}

/**
 * A zip archive, read part by part: at no time is it in memory as a whole. `name` is what messages call it, that of the file by default.
 *
 * Throws 'bad-file' where it is no zip archive or damaged, 'invalid-argument' for other arguments.
 */
export async function treeOfZip(file: Blob, name?: string): Promise<Tree> {
  checkArgument('what treeOfZip is given', file, BLOB);
  if (name !== undefined) checkArgument('the name for treeOfZip', name, STRING);
  const called = name ?? (file instanceof File ? file.name : 'the archive');
  return zipTree(await openZip(sourceOfBlob(file, called), called));
}
