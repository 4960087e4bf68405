/** @file Folders with files, on disk or in an archive. */

import type { ByteSource } from '../../io/zip/byte-source.ts';
import type { Sample, SampleSource } from '../sample.ts';

/** A file in a {@link Tree}. */
export interface TreeFile {
  /** Its name, without folders. */
  readonly name: string;
  /** Where it lies on disk, or what messages call it. */
  readonly path: string;
  /** Where its bytes come from, where it is no file on disk. */
  readonly source?: SampleSource;
  /** Opens it, to read parts of it. */
  open(): Promise<ByteSource>;
}

/** A folder and all that is in it. */
export interface Tree {
  /** Its name, without the folders that it lies in. */
  readonly name: string;
  /** Where it lies on disk, or what messages call it. */
  readonly path: string;
  /** What is in it. Throws 'bad-file' where it cannot be read. */
  list(): Promise<{ readonly folders: readonly Tree[]; readonly files: readonly TreeFile[] }>;
}

/** A file as a sample of a data set. */
export function sampleOf({ path, source }: TreeFile, name: string, label: number): Sample {
  return { name, path, label, ...(source && { source }) };
}
