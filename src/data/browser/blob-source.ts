/** @file A browser's file as a {@link ByteSource}. */

import { FoveaError, messageOf } from '../../errors.ts';
import type { ByteSource } from '../../io/zip/byte-source.ts';
import type { TreeFile } from '../tree/tree.ts';

/** The bytes of `blob`, which messages call `path`. Only the parts that are read come into memory. Reads throw 'bad-file', naming it. */
export function sourceOfBlob(blob: Blob, path: string): ByteSource {
  return { size: blob.size, read: (offset, length) => bytesOf(blob.slice(offset, offset + length), path) };
}

/** A browser's file at `path` of a tree. */
export function fileOfBlob(blob: Blob, path: string): TreeFile {
  return {
    name: path.slice(path.lastIndexOf('/') + 1),
    path,
    source: { bytes: blob.size, read: () => bytesOf(blob, path) },
    open: async () => sourceOfBlob(blob, path),
  };
}

/** Browsers refuse a file that was changed, moved or removed since it was chosen. */
async function bytesOf(blob: Blob, path: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await blob.arrayBuffer());
  } catch (cause) {
    const reason = messageOf(cause);
    throw new FoveaError(
      'bad-file',
      `Cannot read ${path}: ${reason} Choose it anew if it was changed or moved since.`,
      { cause },
    );
  }
}
