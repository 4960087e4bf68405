/** @file Folders with files, on disk, in an archive, or chosen in a browser. */

import { FUNCTION, isObject, type OptionRules, type Rule, required, STRING } from '../../arguments.ts';
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
  /**
   * Opens it, to read parts of it.
   *
   * @param maxBytes how long it may be where that takes it into memory, 1 GiB by default
   */
  open(maxBytes?: number): Promise<ByteSource>;
}

/** What is in a {@link Tree}, in any order. */
export interface TreeContents {
  /** The folders. */
  readonly folders: readonly Tree[];
  /** The files. */
  readonly files: readonly TreeFile[];
}

/** A folder and all that is in it. */
export interface Tree {
  /** Its name, without the folders that it lies in. */
  readonly name: string;
  /** Where it lies on disk, or what messages call it. */
  readonly path: string;
  /** What is in it. Throws 'bad-file' where it cannot be read. */
  list(): Promise<TreeContents>;
}

const MEMBERS: OptionRules<Tree> = {
  name: required(STRING),
  path: required(STRING),
  list: required(FUNCTION),
};

/** Whether a value is a {@link Tree}, by its members. */
export const isTree = (value: unknown): value is Tree =>
  isObject(value) &&
  Object.entries<Rule>(MEMBERS).every(([name, rule]) => rule.holds((value as Record<string, unknown>)[name]));

/** What messages call a tree: files that were chosen lie in no folder. */
export const placeOf = ({ path }: Tree): string => (path === '' ? 'what was given' : path);

/** A file as a sample of a data set. */
export function sampleOf({ path, source }: TreeFile, name: string, label: number): Sample {
  return { name, path, label, ...(source && { source }) };
}
