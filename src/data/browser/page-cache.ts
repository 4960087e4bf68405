/** @file A folder of scaled images in the origin's private file system, which later visits need not decode again. */

import {
  FUNCTION,
  isObject,
  type OptionRules,
  PATH,
  POSITIVE,
  type Rule,
  required,
} from '../../arguments.ts';
import { privateFolder } from '../../io/browser/private-files.ts';
import { isEntry } from './pixel-files.ts';

/** Where an `ImageDataset` of a page keeps scaled images. */
export interface PageCacheOptions {
  /** A folder of the origin's private file system, by its path; made if it is missing. Several data sets, tabs and visits may share it. */
  readonly folder: string;
  /** How many bytes it may take, 1 GiB by default; what was written longest ago is removed. */
  readonly maxBytes?: number | undefined;
  /** Told why when the cache can no longer be written to; the images are then decoded without. By default a warning on the console. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** The rules of {@link PageCacheOptions}. */
export const PAGE_CACHE_OPTIONS: OptionRules<PageCacheOptions> = {
  folder: required(PATH),
  maxBytes: POSITIVE,
  onWarning: FUNCTION,
};

/** A folder, or {@link PageCacheOptions}. */
export const PAGE_CACHE: Rule = {
  holds: (value) => PATH.holds(value) || isObject(value),
  words: 'the path of a folder, or an object {folder, maxBytes, onWarning}',
};

const DEFAULT_BYTES = 2 ** 30;
/** The share of `maxBytes` that is left when older entries are removed, so that this is not done at every image. */
const KEPT = 0.9;

interface Found {
  readonly name: string;
  readonly size: number;
  readonly written: number;
}

/** Keeps account of a folder of entries; workers read and write them. */
export class PageCache {
  readonly #options: PageCacheOptions;
  readonly #maxBytes: number;
  /** Infinite until they are counted, which is when something is first written: it takes a look at every entry. */
  #bytes = Number.POSITIVE_INFINITY;
  /** What was written since they were counted last. */
  #newBytes = 0;
  #evicting: Promise<void> | undefined;
  #failed = false;

  constructor(options: PageCacheOptions) {
    this.#options = options;
    this.#maxBytes = options.maxBytes ?? DEFAULT_BYTES;
  }

  /** The folder to look into and to write to; undefined once that has failed. */
  get folder(): string | undefined {
    return this.#failed ? undefined : this.#options.folder;
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
    const { onWarning = (message) => console.warn(message) } = this.#options;
    onWarning(`Images are decoded without the cache from now on. ${reason}`);
  }

  /** Removes what was written longest ago until enough is free; resolves when that is done. */
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
    const folder = await privateFolder(this.#options.folder, { create: true });
    if (!folder) return;
    this.#newBytes = 0;
    const entries = await entriesOf(folder);
    let total = entries.reduce((sum, { size }) => sum + size, 0);
    for (const { name, size } of entries.sort((a, b) => a.written - b.written)) {
      if (total <= KEPT * this.#maxBytes) break;
      // Another tab may have removed it, or have it open.
      if (await removed(folder, name)) total -= size;
    }
    this.#bytes = total + this.#newBytes;
  }
}

async function entriesOf(folder: FileSystemDirectoryHandle): Promise<Found[]> {
  const found: Found[] = [];
  for await (const child of folder.values()) {
    if (!(child instanceof FileSystemFileHandle) || !isEntry(child.name)) continue;
    const { size, lastModified } = await child.getFile();
    found.push({ name: child.name, size, written: lastModified });
  }
  return found;
}

function removed(folder: FileSystemDirectoryHandle, name: string): Promise<boolean> {
  return folder.removeEntry(name).then(
    () => true,
    () => false,
  );
}
