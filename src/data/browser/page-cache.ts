/** @file A folder of scaled images in the origin's private file system, which later visits need not decode again. */

import { privateFolder } from '../../io/browser/private-files.ts';
import { BoundedCache, type CacheEntry, type CacheOptions } from '../pixel-cache/bounded-cache.ts';
import { isEntry } from '../pixel-cache/entry.ts';

const DEFAULT_BYTES = 2 ** 30;

/** The cache of a data set in a page. */
export class PageCache extends BoundedCache {
  readonly #path: string;

  constructor(options: CacheOptions) {
    const { folder, maxBytes = DEFAULT_BYTES, onWarning = (message) => console.warn(message) } = options;
    super({ folder, maxBytes, onWarning });
    this.#path = folder;
  }

  protected override async entries(): Promise<CacheEntry[]> {
    const folder = await privateFolder(this.#path, { create: true });
    const found: CacheEntry[] = [];
    for await (const child of folder?.values() ?? []) {
      if (!(child instanceof FileSystemFileHandle) || !isEntry(child.name)) continue;
      const { size, lastModified } = await child.getFile();
      found.push({ size, time: lastModified, remove: async () => folder?.removeEntry(child.name) });
    }
    return found;
  }
}
