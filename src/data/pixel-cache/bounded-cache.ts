/** @file What the caches of scaled images of Node and of pages have in common: an account of their entries, and when old ones are removed. */

import {
  checkOptions,
  FUNCTION,
  isObject,
  type OptionRules,
  PATH,
  POSITIVE,
  type Rule,
  required,
} from '../../arguments.ts';

/** Where an `ImageDataset` keeps scaled images. */
export interface CacheOptions {
  /**
   * A folder, made if it is missing: in Node one that only the user may look into, in a page one of the origin's private file system, by its
   * path. Several data sets, processes, tabs and visits may share it.
   */
  readonly folder: string;
  /** How many bytes it may take: 4 GiB by default in Node, where what was used longest ago is removed; 1 GiB in a page, what was written. */
  readonly maxBytes?: number | undefined;
  /**
   * Told why when the cache can no longer be written to; the images are then decoded without. By default a warning of the process, or on
   * the page's console.
   */
  readonly onWarning?: ((message: string) => void) | undefined;
}

const OPTIONS: OptionRules<CacheOptions> = {
  folder: required(PATH),
  maxBytes: POSITIVE,
  onWarning: FUNCTION,
};

/** A folder, or {@link CacheOptions}. */
export const CACHE: Rule = {
  holds: (value) => PATH.holds(value) || isObject(value),
  words: 'the path of a folder, or an object {folder, maxBytes, onWarning}',
};

/** The options that a {@link CACHE} stands for. Throws 'invalid-argument' where they are wrong. */
export function cacheOptionsOf(cache: string | CacheOptions): CacheOptions {
  const options = typeof cache === 'string' ? { folder: cache } : cache;
  checkOptions('cache of ImageDataset', options, OPTIONS);
  return options;
}

/** An entry of a cache. */
export interface CacheEntry {
  readonly size: number;
  /** When it was used or written; those with the least are removed first. */
  readonly time: number;
  /** Removes it. */
  remove(): Promise<void>;
}

/** The share of `maxBytes` that is left when older entries are removed, so that this is not done at every image. */
const KEPT = 0.9;

/** Keeps account of a folder of entries; workers read and write them. */
export abstract class BoundedCache {
  readonly #folder: string;
  readonly #maxBytes: number;
  readonly #onWarning: (message: string) => void;
  /** Infinite until they are counted, which is when something is first written: it takes a look at every entry. */
  #bytes = Number.POSITIVE_INFINITY;
  /** What was written since they were counted last. */
  #newBytes = 0;
  #evicting: Promise<void> | undefined;
  #failed = false;

  constructor({
    folder,
    maxBytes,
    onWarning,
  }: { readonly [Name in keyof CacheOptions]-?: NonNullable<CacheOptions[Name]> }) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
    this.#onWarning = onWarning;
  }

  /** All entries there are, after what is no entry and nobody needs was removed. */
  protected abstract entries(): Promise<CacheEntry[]>;

  /** The folder to look into and to write to; undefined once that has failed. */
  get folder(): string | undefined {
    return this.#failed ? undefined : this.#folder;
  }

  /** Takes account of an entry that was written. */
  written(bytes: number): void {
    this.#bytes += bytes;
    this.#newBytes += bytes;
    if (this.#bytes > this.#maxBytes) void this.evict();
  }

  /** Gives up the cache, and says why once. */
  fail(reason: string): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#onWarning(`Images are decoded without the cache from now on. ${reason}`);
  }

  /** Removes the oldest entries, whoever wrote them, until enough is free; resolves when that is done. */
  evict(): Promise<void> {
    this.#evicting ??= this.#removeOldest()
      // The next entry that is written counts anew.
      .catch(() => {})
      .finally(() => {
        this.#evicting = undefined;
      });
    return this.#evicting;
  }

  async #removeOldest(): Promise<void> {
    this.#newBytes = 0;
    const entries = await this.entries();
    let total = entries.reduce((sum, { size }) => sum + size, 0);
    for (const entry of entries.sort((a, b) => a.time - b.time)) {
      if (total <= KEPT * this.#maxBytes) break;
      // Another process or tab may have removed it, or have it open.
      if (await removed(entry)) total -= entry.size;
    }
    this.#bytes = total + this.#newBytes;
  }
}

/** Whether an entry could be removed. */
export const removed = (entry: CacheEntry): Promise<boolean> =>
  entry.remove().then(
    () => true,
    () => false,
  );
