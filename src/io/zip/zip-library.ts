/**
 * @file All that is asked of `@zip.js/zip.js`. It compares local headers with the central directory, sizes and checksums with what
 * is decompressed, and refuses entries that overlap.
 */

import {
  ERR_AMBIGUOUS_ARCHIVE,
  ERR_BAD_FORMAT,
  ERR_CENTRAL_DIRECTORY_NOT_FOUND,
  ERR_ENCRYPTED,
  ERR_ENTRY_DATA_OUT_OF_BOUNDS,
  ERR_EOCDR_NOT_FOUND,
  ERR_INVALID_CRC32,
  ERR_INVALID_UNCOMPRESSED_SIZE,
  ERR_OVERLAPPING_ENTRY,
  ERR_UNSAFE_FILENAME,
  ERR_UNSUPPORTED_COMPRESSION,
  type FileEntry,
  Reader,
  ZipReader,
} from '@zip.js/zip.js';
import { check, messageOf } from '../../errors.ts';
import type { ByteSource } from './byte-source.ts';

/** A file in an archive, as the library knows it. */
export type LibraryEntry = FileEntry;

const MAX_DIRECTORY_BYTES = 2 ** 26;
const MAX_ENTRIES = 200_000;
const STORED = 0;

/** Reads a source for the library; nothing is ever read beyond its end, and never more at once than a directory may have. */
class SourceReader extends Reader<ByteSource> {
  readonly #source: ByteSource;

  constructor(source: ByteSource) {
    super(source);
    this.#source = source;
    this.size = source.size;
  }

  override async readUint8Array(offset: number, length: number): Promise<Uint8Array> {
    const within = Math.min(length, this.#source.size - offset);
    if (offset < 0 || within <= 0) return new Uint8Array();
    check(within <= MAX_DIRECTORY_BYTES, 'bad-file', () => {
      return `its directory is said to have ${within} bytes, and at most ${MAX_DIRECTORY_BYTES} are read`;
    });
    return this.#source.read(offset, within);
  }
}

/** The files of an archive, without folders. */
export async function listFiles(source: ByteSource): Promise<LibraryEntry[]> {
  const reader = new ZipReader(new SourceReader(source), {
    useWebWorkers: false,
    checkCrc32: true,
    checkLocalFilename: true,
    checkOverlappingEntry: true,
    // As some versions of .NET write paths.
    normalizeFilename: (name) => name.replaceAll('\\', '/'),
  });
  const files = new Map<string, LibraryEntry>();
  for await (const entry of reader.getEntriesGenerator()) {
    if (entry.directory) continue;
    check(!files.has(entry.filename), 'bad-file', () => `it lists ${entry.filename} twice`);
    check(files.size < MAX_ENTRIES, 'bad-file', () => `it lists more than ${MAX_ENTRIES} files`);
    files.set(entry.filename, entry);
  }
  return [...files.values()];
}

/** The decompressed bytes of a file. What is longer than it is said to be is refused as soon as it is. */
export async function decompress(entry: LibraryEntry): Promise<Uint8Array> {
  const bytes = new Uint8Array(entry.uncompressedSize);
  let filled = 0;
  const sink = new WritableStream<Uint8Array>({
    write(chunk) {
      bytes.set(chunk, filled);
      filled += chunk.length;
    },
  });
  await entry.getData(sink);
  return bytes;
}

/** Where the bytes of a file that is stored begin; undefined where it is compressed. Its headers are compared first. */
export async function placeOf(entry: LibraryEntry): Promise<number | undefined> {
  if (entry.compressionMethod !== STORED || entry.encrypted) return undefined;
  await entry.getData(new WritableStream(), { checkOverlappingEntryOnly: true });
  return entry.localDirectory?.dataOffset;
}

const REASONS: Readonly<Record<string, string>> = {
  [ERR_BAD_FORMAT]: 'it is no zip archive, or damaged',
  [ERR_EOCDR_NOT_FOUND]: 'it has no directory at its end: it is cut short, or no zip archive',
  [ERR_CENTRAL_DIRECTORY_NOT_FOUND]: 'its directory is damaged',
  [ERR_ENTRY_DATA_OUT_OF_BOUNDS]: 'it is said to lie beyond the end of the archive',
  [ERR_ENCRYPTED]: 'it is encrypted: unpack the archive, and give the folder',
  [ERR_INVALID_CRC32]: 'its checksum is wrong: it is damaged',
  [ERR_INVALID_UNCOMPRESSED_SIZE]: 'it has another size than is said',
  [ERR_OVERLAPPING_ENTRY]: 'it overlaps another file in the archive',
  [ERR_UNSUPPORTED_COMPRESSION]:
    'it is compressed by another method than deflate: unpack the archive, and give the folder',
};

/** Why the library refused something, as what follows a colon. */
export function reasonOf(error: unknown): string {
  const message = messageOf(error);
  const details = error as { readonly reason?: string; readonly filename?: string };
  if (message === ERR_AMBIGUOUS_ARCHIVE) return `it can be read in more than one way (${details.reason})`;
  if (message === ERR_UNSAFE_FILENAME)
    return `the path ${JSON.stringify(details.filename)} leads out of a folder`;
  return REASONS[message] ?? message;
}
