/**
 * @file Reads zip archives part by part, in Node and browsers, and trusts nothing that they say.
 */

import { check, FoveaError } from '../../errors.ts';
import { type ByteSource, partOf, sourceOfBytes } from './byte-source.ts';
import type { LibraryEntry } from './zip-library.ts';

/** A file in an archive. */
export interface ZipEntry {
  /** Its path in the archive: folders and name, by slashes. */
  readonly name: string;
  /** Its length in bytes, once decompressed. */
  readonly size: number;
  /** How many bytes it takes in the archive. */
  readonly compressedSize: number;
}

/** An archive whose directory has been read. */
export interface ZipArchive {
  /** What messages call it. */
  readonly name: string;
  /** The files in it, in the order of its directory; folders are left out. */
  readonly entries: readonly ZipEntry[];
  /**
   * The bytes of an entry, whose checksum has been compared.
   *
   * @param maxBytes how long it may be, 1 GiB by default
   * Throws 'bad-file', naming the entry, where it is longer, would be more than 200 times its compressed size, is encrypted,
   * damaged, of another size than said, or compressed by another method than deflate.
   */
  read(entry: ZipEntry, maxBytes?: number): Promise<Uint8Array>;
  /**
   * An entry as a source, such as an archive in the archive. One that is stored is read from its place; one that is compressed is
   * decompressed into memory.
   *
   * @param maxBytes how long it may be in memory, 1 GiB by default
   * Throws as `read` does, but does not compare the checksum of one that is stored.
   */
  open(entry: ZipEntry, maxBytes?: number): Promise<ByteSource>;
}

const MAX_BYTES = 2 ** 30;
/** Photographs and tables are far below; deflate goes up to 1032. */
const MAX_RATIO = 200;

/**
 * Opens a zip archive by reading its directory.
 *
 * @param name what messages call it
 * Throws 'bad-file' where `source` is no zip, is cut short, has a directory of more than 64 MiB or 200,000 entries, lists a name twice,
 * or names that lead out of a folder (`../`), are absolute or are ambiguous otherwise.
 */
export async function openZip(source: ByteSource, name: string): Promise<ZipArchive> {
  const library = await import('./zip-library.ts');
  const attempt = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      throw new FoveaError('bad-file', `Cannot read ${what}: ${library.reasonOf(cause)}.`, { cause });
    }
  };
  const files = await attempt(name, () => library.listFiles(source));
  const known = new Map(files.map((file): [ZipEntry, LibraryEntry] => [describe(file), file]));
  const decompress = (file: LibraryEntry, maxBytes: number): Promise<Uint8Array> => {
    checkSizes(file, maxBytes);
    return library.decompress(file);
  };
  /** Does `work` with what the library knows of an entry, so that errors name it. */
  const using = async <T>(entry: ZipEntry, work: (file: LibraryEntry) => Promise<T>): Promise<T> => {
    const file = known.get(entry);
    check(
      file !== undefined,
      'invalid-argument',
      () => `${entry.name} is no entry of ${name}: give one of its entries.`,
    );
    return attempt(`${name}/${entry.name}`, () => work(file));
  };
  return {
    name,
    entries: [...known.keys()],
    read: (entry, maxBytes = MAX_BYTES) => using(entry, (file) => decompress(file, maxBytes)),
    open: (entry, maxBytes = MAX_BYTES) =>
      using(entry, async (file) => {
        const place = await library.placeOf(file);
        if (place !== undefined) return partOf(source, place, file.compressedSize);
        return sourceOfBytes(await decompress(file, maxBytes));
      }),
  };
}

function describe({ filename, uncompressedSize, compressedSize }: LibraryEntry): ZipEntry {
  return { name: filename, size: uncompressedSize, compressedSize };
}

/** Refuses what would take more memory than it should, by what is said of it: it cannot become longer than that. */
function checkSizes({ uncompressedSize, compressedSize }: LibraryEntry, maxBytes: number): void {
  check(uncompressedSize <= maxBytes, 'bad-file', () => {
    return `it has ${uncompressedSize} bytes, and at most ${maxBytes} are read`;
  });
  check(uncompressedSize <= MAX_RATIO * compressedSize, 'bad-file', () => {
    const ratio = Math.round(uncompressedSize / compressedSize);
    return `it would become ${ratio} times as long as it is in the archive, and at most ${MAX_RATIO} times is allowed`;
  });
}
