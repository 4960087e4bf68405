/**
 * @file Files that were chosen in a page or dropped on it, each with its path: a `File` alone loses it on the way to a worker, and one
 * that was dropped in a folder has none.
 */

import {
  checkArgument,
  checkProperties,
  type OptionRules,
  PATH,
  type Rule,
  required,
} from '../../arguments.ts';
import { check, FoveaError, messageOf } from '../../errors.ts';

/** A file and where it lay. May be posted to a worker. */
export interface PlacedFile {
  /** Folders and name, by slashes. */
  readonly path: string;
  /** The file. */
  readonly file: File;
}

/** A `File`. Within a function, since there is no such class where browsers are made up for. */
export const isFile = (value: unknown): value is File => typeof File !== 'undefined' && value instanceof File;

const PLACED: OptionRules<PlacedFile> = {
  path: required(PATH),
  file: required({ holds: isFile, words: 'a File' }),
};

const ITERABLE: Rule = {
  holds: (value) => typeof value === 'object' && value !== null && Symbol.iterator in value,
  words: 'files one after another, such as the `files` of an <input>',
};
const ITEMS: Rule = {
  holds: (value) => typeof DataTransferItemList !== 'undefined' && value instanceof DataTransferItemList,
  words: 'the dataTransfer.items of a drop event',
};

/** How deep folders may lie in each other, and how many files there may be. */
const MAX_FOLDERS_DEEP = 64;
const MAX_FILES = 200_000;

/**
 * The files of an `<input type="file">`, with their paths where it has `webkitdirectory`; what is placed already stays so.
 *
 * Throws 'invalid-argument' for what are no files.
 */
export function placeFiles(files: Iterable<File | PlacedFile>): PlacedFile[] {
  checkArgument('the files of placeFiles', files, ITERABLE);
  return Array.from(files, (given, i) => {
    if (isFile(given)) return { path: given.webkitRelativePath || given.name, file: given };
    checkProperties(`file ${i} of placeFiles`, given, PLACED);
    return { path: given.path, file: given.file };
  });
}

/**
 * The files that were dropped on a page, and all that lie in folders that were. To be called while the drop event is handled, without
 * waiting for anything before: browsers forget the items afterwards.
 *
 *     element.addEventListener('drop', async (event) => {
 *       event.preventDefault();
 *       const files = await placeDropped(event.dataTransfer.items);
 *     });
 *
 * Throws 'bad-file' where a folder or file cannot be read, 'bad-data' where there are more than 200,000 files or folders lie 64 deep,
 * 'invalid-argument' for other arguments.
 */
export async function placeDropped(items: DataTransferItemList): Promise<PlacedFile[]> {
  checkArgument('what placeDropped is given', items, ITEMS);
  const entries = Array.from(items, (item) => item.webkitGetAsEntry());
  const found: PlacedFile[] = [];
  for (const entry of entries) if (entry) await collect(entry, entry.name, 1, found);
  return found;
}

async function collect(
  entry: FileSystemEntry,
  path: string,
  depth: number,
  found: PlacedFile[],
): Promise<void> {
  check(depth <= MAX_FOLDERS_DEEP, 'bad-data', () => {
    return `Folders lie more than ${MAX_FOLDERS_DEEP} deep in each other at ${path}: give one further down.`;
  });
  check(
    found.length < MAX_FILES,
    'bad-data',
    () => `There are more than ${MAX_FILES} files: give a smaller folder.`,
  );
  if (entry.isFile) {
    const file = await reading<File>(path, (resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    found.push({ path, file });
  } else {
    for (const child of await childrenOf(entry as FileSystemDirectoryEntry, path))
      await collect(child, `${path}/${child.name}`, depth + 1, found);
  }
}

/** What lies in a folder; a reader gives it in parts, the last of which is empty. */
async function childrenOf(folder: FileSystemDirectoryEntry, path: string): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const children: FileSystemEntry[] = [];
  for (;;) {
    const part = await reading<FileSystemEntry[]>(path, (resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (part.length === 0) return children;
    children.push(...part);
  }
}

function reading<T>(
  path: string,
  work: (resolve: (value: T) => void, reject: (error: Error) => void) => void,
): Promise<T> {
  return new Promise<T>(work).catch((cause: unknown) => {
    throw new FoveaError('bad-file', `Cannot read ${path}: ${messageOf(cause)}`, { cause });
  });
}
