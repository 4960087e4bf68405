/** @file A file as a {@link ByteSource} (Node). */

import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { check, FoveaError } from '../../errors.ts';
import { kindOf } from '../read-file.ts';
import type { ByteSource } from './byte-source.ts';

/**
 * The regular file at `path`. It is open only while it is being read, so there is nothing to close.
 *
 * Throws 'bad-file', naming `path`, where it is none or cannot be read; so do its reads where it was cut off meanwhile.
 */
export async function sourceOfFile(path: string): Promise<ByteSource> {
  const size = await withFile(path, async (file) => {
    const found = await file.stat();
    check(found.isFile(), 'bad-file', () => `it is ${kindOf(found)}, not a file`);
    return found.size;
  });
  return { size, read: (offset, length) => withFile(path, (file) => readPart(file, offset, length)) };
}

async function withFile<T>(path: string, work: (file: FileHandle) => Promise<T>): Promise<T> {
  try {
    // Without O_NONBLOCK, opening a pipe waits for who writes to it. Windows knows neither.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      return await work(file);
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw new FoveaError('bad-file', `Cannot read ${path}: ${(cause as Error).message}.`, { cause });
  }
}

async function readPart(file: FileHandle, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, offset + filled);
    check(bytesRead > 0, 'bad-file', () => `it ends at byte ${offset + filled}, before ${offset + length}`);
    filled += bytesRead;
  }
  return bytes;
}
