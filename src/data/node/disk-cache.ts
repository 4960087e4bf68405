/**
 * @file A folder of scaled images that later runs need not decode again (Node).
 */

import { mkdirSync, statSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isPrivate } from '../../device/node/private-folder.ts';
import { check } from '../../errors.ts';
import { writeError } from '../../io/write-file.ts';
import { BoundedCache, type CacheEntry, type CacheOptions, removed } from '../pixel-cache/bounded-cache.ts';
import { isEntry } from '../pixel-cache/entry.ts';

const DEFAULT_BYTES = 4 * 2 ** 30;
const OWNER_ONLY = 0o700;
/** What killed processes left of entries that they wrote. */
const TEMPORARY = /^\.[0-9a-f]{64}\.pixels\..*\.tmp$/;
const STALE = 60 * 60 * 1000;

/** The cache of a data set in Node. */
export class PixelCache extends BoundedCache {
  readonly #path: string;

  /**
   * Throws 'bad-file' where the folder cannot be made, or others may write into it: their pixels would be taken for those of the
   * photographs.
   */
  constructor(options: CacheOptions) {
    const { maxBytes = DEFAULT_BYTES, onWarning = (message) => process.emitWarning(message) } = options;
    const folder = resolve(options.folder);
    super({ folder, maxBytes, onWarning });
    this.#path = folder;
    try {
      mkdirSync(folder, { recursive: true, mode: OWNER_ONLY });
    } catch (cause) {
      throw writeError(folder, cause);
    }
    const rights = statSync(folder);
    check(!process.getuid || isPrivate(rights), 'bad-file', () => {
      const mode = (rights.mode & 0o7777).toString(8);
      return `The cache ${folder} can be written to by others (mode ${mode}): chmod 700 it, or name a folder of your own.`;
    });
  }

  protected override async entries(): Promise<CacheEntry[]> {
    const names = await readdir(this.#path).catch((): string[] => []);
    for (const entry of await this.#inspect(names.filter((name) => TEMPORARY.test(name)))) {
      if (Date.now() - entry.time > STALE) await removed(entry);
    }
    return this.#inspect(names.filter(isEntry));
  }

  async #inspect(names: readonly string[]): Promise<CacheEntry[]> {
    const found: CacheEntry[] = [];
    for (const name of names) {
      const path = join(this.#path, name);
      const stats = await stat(path).catch(() => undefined);
      if (stats)
        found.push({ size: stats.size, time: stats.mtimeMs, remove: () => rm(path, { force: true }) });
    }
    return found;
  }
}
