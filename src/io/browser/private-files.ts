/**
 * @file Files of the origin's private file system (OPFS): where a page keeps what it may not lose. Others than the page's origin never see
 * them; the user removes them with the site's data.
 */

import { check, FoveaError, messageOf } from '../../errors.ts';

/** The root of the file system. Throws 'unsupported' where there is none. */
export async function privateRoot(): Promise<FileSystemDirectoryHandle> {
  const storage = globalThis.navigator?.storage;
  check(storage?.getDirectory !== undefined, 'unsupported', () => {
    return 'This browser, or a page that is not served by https:// or from localhost, has no private file system (OPFS).';
  });
  try {
    return await storage.getDirectory();
  } catch (cause) {
    const reason = `The browser gives no private file system, perhaps as in a private window: ${messageOf(cause)}`;
    throw new FoveaError('unsupported', reason, { cause });
  }
}

/** The folder at `path`, by slashes; made, with those that it lies in, where `create` says so. Undefined where it is missing. */
export async function privateFolder(
  path: string,
  { create }: { readonly create: boolean },
): Promise<FileSystemDirectoryHandle | undefined> {
  let folder = await privateRoot();
  try {
    for (const name of partsOf(path)) folder = await folder.getDirectoryHandle(name, { create });
    return folder;
  } catch (cause) {
    if (!create && isMissing(cause)) return undefined;
    throw storageError('open', path, cause);
  }
}

/**
 * Writes `data` to the file at `path` of the origin's private file system, so that it holds at any time either what it held before or all of
 * `data`, even if the tab is closed meanwhile. Folders on the way are made.
 *
 * Throws 'bad-file', saying what to do, where it cannot be written, for instance since no storage is left; 'unsupported' where the
 * browser has no such file system; 'invalid-argument' for what is no path.
 */
export async function writePrivateFile(path: string, data: Uint8Array): Promise<void> {
  const [folder, name] = await placeOf(path, true);
  try {
    await replaceIn(folder!, name, data);
  } catch (cause) {
    throw storageError('write', path, cause);
  }
}

/** Writes a file of a folder whole or not at all: what a writable stream is given takes the file's place when it is closed. */
async function replaceIn(folder: FileSystemDirectoryHandle, name: string, data: Uint8Array): Promise<void> {
  const file = await folder.getFileHandle(name, { create: true });
  const stream = await file.createWritable();
  try {
    await stream.write(data as Uint8Array<ArrayBuffer>); // types know buffers that threads share, which no caller has
    await stream.close();
  } catch (cause) {
    await stream.abort().catch(() => {});
    throw cause;
  }
}

/** The bytes of the file at `path`. Throws 'bad-file', naming it, where there is none, it is longer, or cannot be read. */
export async function readPrivateFile(path: string, maxBytes: number): Promise<Uint8Array> {
  const [folder, name] = await placeOf(path, false);
  try {
    const file = await (await folder?.getFileHandle(name))?.getFile();
    check(file !== undefined, 'bad-file', () => 'there is no such folder');
    check(file.size <= maxBytes, 'bad-file', () => `it has more than ${maxBytes} bytes`);
    return new Uint8Array(await file.arrayBuffer());
  } catch (cause) {
    throw storageError('read', path, cause);
  }
}

/** Removes the file or folder at `path`, with all that is in it. What is not there counts as removed. Throws 'bad-file'. */
export async function removePrivate(path: string): Promise<void> {
  const [folder, name] = await placeOf(path, false);
  await folder?.removeEntry(name, { recursive: true }).catch((cause: unknown) => {
    if (!isMissing(cause)) throw storageError('remove', path, cause);
  });
}

async function placeOf(path: string, create: boolean) {
  const parts = partsOf(path);
  const name = parts.pop()!;
  return [await privateFolder(parts.join('/'), { create }), name] as const;
}

function partsOf(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '');
  check(!parts.some((part) => part === '.' || part === '..'), 'invalid-argument', () => {
    return `"${path}" has a part that is . or .., which no path here may have.`;
  });
  return parts;
}

const isMissing = (error: unknown): boolean => (error as Partial<Error> | null)?.name === 'NotFoundError';

/** What to do about an error of the browser, by its name. */
const REMEDIES: Readonly<Record<string, string>> = {
  QuotaExceededError:
    'no storage is left for this site: remove what is no longer needed, or free some of the disk',
  NotFoundError: 'there is no such file',
  NoModificationAllowedError: 'it is being written elsewhere, perhaps in another tab: close that one',
  TypeMismatchError: 'a folder lies there, or a file where its path has a folder: take another name',
};

/** The 'bad-file' error for something that the browser did not let us do. */
function storageError(what: string, path: string, cause: unknown): FoveaError {
  const remedy = REMEDIES[(cause as Partial<Error> | null)?.name ?? ''];
  const reason = remedy ? `${remedy} (${messageOf(cause)})` : messageOf(cause);
  return new FoveaError(
    'bad-file',
    `Cannot ${what} "${path}" in the browser's private file system: ${reason}.`,
    {
      cause,
    },
  );
}
