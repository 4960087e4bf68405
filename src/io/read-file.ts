/** @file Reads a regular file whole, within a bound (Node). */

import { constants, type Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { check, FoveaError } from '../errors.ts';

const CHUNK_BYTES = 65_536;

/**
 * The bytes of the regular file at `path`. Pipes, devices, sockets and folders are refused and never waited for;
 * links are followed. What the file holds when it is read counts, whatever size it is said to have.
 *
 * @param what the thing as a message names it, such as `table`
 * @param maxBytes how long the file may be
 * Throws 'bad-file', naming `path`, where it is none, cannot be read, or is longer.
 */
export async function readRegularFile(what: string, path: string, maxBytes: number): Promise<Buffer> {
  try {
    // Without O_NONBLOCK, opening a pipe waits for who writes to it. Windows knows neither.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const found = await file.stat();
      check(found.isFile(), 'bad-file', () => `it is ${kindOf(found)}, not a file`);
      return await readWithin(file, found.size, maxBytes);
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw new FoveaError('bad-file', `Cannot read the ${what} ${path}: ${(cause as Error).message}.`, {
      cause,
    });
  }
}

/** What lies at a path, in words. */
export function kindOf(found: Stats): string {
  if (found.isFile()) return 'a file';
  if (found.isDirectory()) return 'a folder';
  if (found.isFIFO()) return 'a pipe';
  if (found.isSocket()) return 'a socket';
  return 'a device';
}

/** All bytes of `file`; one more than `size` is asked for, so that most files take one read and its end another. */
async function readWithin(file: FileHandle, size: number, maxBytes: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  let capacity = Math.min(size, maxBytes) + 1;
  for (;;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(capacity), 0, capacity, null);
    if (bytesRead === 0) return parts.length === 1 ? parts[0]! : Buffer.concat(parts, length);
    length += bytesRead;
    check(length <= maxBytes, 'bad-file', () => `it has more than ${maxBytes} bytes`);
    parts.push(buffer.subarray(0, bytesRead));
    capacity = CHUNK_BYTES;
  }
}
