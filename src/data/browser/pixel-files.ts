/** @file The entries of a cache as files of a folder of the origin's private file system. */

import { readPrivateFile, writePrivateFile } from '../../io/browser/private-files.ts';
import { decodePixels, encodePixels, entryBytes, entryName } from '../pixel-cache/entry.ts';

/** The pixels kept under `key`; undefined where there are none, or they are damaged. */
export async function readPixels(path: string, key: string, size: number): Promise<Uint8Array | undefined> {
  try {
    return await decodePixels(await readPrivateFile(`${path}/${entryName(key)}`, entryBytes(size)), size);
  } catch {
    return undefined; // it is not there, was removed meanwhile, or is of another length
  }
}

/** Keeps pixels under `key`, and gives how many bytes that takes. Throws where they cannot be written. */
export async function writePixels(
  path: string,
  key: string,
  size: number,
  pixels: Uint8Array,
): Promise<number> {
  const entry = await encodePixels(pixels, size);
  await writePrivateFile(`${path}/${entryName(key)}`, entry);
  return entry.length;
}
