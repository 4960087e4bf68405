/**
 * @file A folder of scaled images that later runs need not decode again (Node).
 */

import { mkdirSync, statSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  FUNCTION,
  isObject,
  type OptionRules,
  PATH,
  POSITIVE,
  type Rule,
  required,
} from '../../arguments.ts';
import { isPrivate } from '../../device/node/private-folder.ts';
import { check } from '../../errors.ts';
import { writeError } from '../../io/write-file.ts';
import { isEntry } from './files.ts';

/** Where an `ImageDataset` keeps scaled images. */
export interface CacheOptions {
  /** The folder, made if it is missing so that only the user may look into it. Several datasets and processes may share it. */
  readonly folder: string;
  /** How many bytes it may take, 4 GiB by default; what was used longest ago is removed. */
  readonly maxBytes?: number | undefined;
  /** Told why when the cache can no longer be written to; the images are then decoded without. By default a warning of the process. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** The rules of {@link CacheOptions}. */
export const CACHE_OPTIONS: OptionRules<CacheOptions> = {
  folder: required(PATH),
  maxBytes: POSITIVE,
  onWarning: FUNCTION,
};

/** A folder, or {@link CacheOptions}. */
export const CACHE: Rule = {
  holds: (value) => PATH.holds(value) || isObject(value),
  words: 'the path of a folder, or an object {folder, maxBytes, onWarning}',
};

const DEFAULT_BYTES = 4 * 2 ** 30;
const OWNER_ONLY = 0o700;
/** The share of `maxBytes` that is left when older entries are removed, so that this is not done at every image. */
const KEPT = 0.9;
/** What killed processes left of entries that they wrote. */
const TEMPORARY = /^\.[0-9a-f]{64}\.pixels\..*\.tmp$/;
const STALE = 60 * 60 * 1000;

interface Found {
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
}

/** Keeps account of a folder of entries; workers read and write them. */
export class PixelCache {
  readonly #folder: string;
  readonly #maxBytes: number;
  readonly #onWarning: (message: string) => void;
  /** Infinite until they are counted, which is when something is first written: it takes a look at every entry. */
  #bytes = Number.POSITIVE_INFINITY;
  #evicting: Promise<void> | undefined;
  #failed = false;

  /**
   * Throws 'bad-file' where the folder cannot be made, or others may write into it: their pixels would be taken for those of the
   * photographs.
   */
  constructor(options: CacheOptions) {
    const {
      folder,
      maxBytes = DEFAULT_BYTES,
      onWarning = (message) => process.emitWarning(message),
    } = options;
    this.#folder = resolve(folder);
    this.#maxBytes = maxBytes;
    this.#onWarning = onWarning;
    try {
      mkdirSync(this.#folder, { recursive: true, mode: OWNER_ONLY });
    } catch (cause) {
      throw writeError(this.#folder, cause);
    }
    const rights = statSync(this.#folder);
    check(!process.getuid || isPrivate(rights), 'bad-file', () => {
      const mode = (rights.mode & 0o7777).toString(8);
      return `The cache ${this.#folder} can be written to by others (mode ${mode}): chmod 700 it, or name a folder of your own.`;
    });
  }

  /** The folder to look into and to write to; undefined once that has failed. */
  get folder(): string | undefined {
    return this.#failed ? undefined : this.#folder;
  }

  /** Takes account of an entry that was written. */
  written(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > this.#maxBytes) void this.evict();
  }

  /** Gives up the cache, and says why once. */
  fail(reason: string): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#onWarning(`Images are decoded without the cache from now on. ${reason}`);
  }

  /** Removes what was used longest ago, whoever wrote it, until enough is free; resolves when that is done. */
  evict(): Promise<void> {
    this.#evicting ??= this.#removeOldest().finally(() => {
      this.#evicting = undefined;
    });
    return this.#evicting;
  }

  async #removeOldest(): Promise<void> {
    const names = await readdir(this.#folder).catch((): string[] => []);
    const entries = await this.#inspect(names.filter(isEntry));
    let total = entries.reduce((sum, { size }) => sum + size, 0);
    for (const { path, size } of entries.sort((a, b) => a.mtimeMs - b.mtimeMs)) {
      if (total <= KEPT * this.#maxBytes) break;
      // Another process may have removed it, or have it open on Windows.
      if (await removed(path)) total -= size;
    }
    for (const { path, mtimeMs } of await this.#inspect(names.filter((name) => TEMPORARY.test(name)))) {
      if (Date.now() - mtimeMs > STALE) await removed(path);
    }
    this.#bytes = total;
  }

  async #inspect(names: readonly string[]): Promise<Found[]> {
    const found: Found[] = [];
    for (const name of names) {
      const path = join(this.#folder, name);
      const stats = await stat(path).catch(() => undefined);
      if (stats) found.push({ path, size: stats.size, mtimeMs: stats.mtimeMs });
    }
    return found;
  }
}

function removed(path: string): Promise<boolean> {
  return rm(path, { force: true }).then(
    () => true,
    () => false,
  );
}
