/**
 * @file The entries of a cache as files of a folder (Node), as decoding workers read and write them. The user alone may read them:
 * photographs of patients are recognizable in them.
 */

import { readFile, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../../io/write-file.ts';
import { decodePixels, encodePixels, entryName } from '../pixel-cache/entry.ts';

const OWNER_ONLY = 0o600;
/** The pixels kept under `key`; undefined where there are none, or they are damaged. */
export async function readPixels(folder: string, key: string, size: number): Promise<Uint8Array | undefined> {
  const path = join(folder, entryName(key));
  const entry = await readFile(path).catch(() => undefined);
  const pixels = entry && (await decodePixels(entry, size));
  // What was used last is removed last.
  if (pixels) await utimes(path, new Date(), new Date()).catch(() => {});
  return pixels;
}

/** Keeps pixels under `key`, and gives how many bytes that takes. Throws 'bad-file' where they cannot be written. */
export async function writePixels(
  folder: string,
  key: string,
  size: number,
  pixels: Uint8Array,
): Promise<number> {
  const entry = await encodePixels(pixels, size);
  // One that a failing power leaves incomplete is found out by its digest.
  await replaceFile(join(folder, entryName(key)), entry, { durable: false, mode: OWNER_ONLY });
  return entry.length;
}
