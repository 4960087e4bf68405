/**
 * @file Tuning tables in files of the user's cache folder (Node).
 */

import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cacheFolder } from '../device/node/cache-folder.ts';
import { FoveaError } from '../errors.ts';
import { readRegularFile } from '../io/read-file.ts';
import { writeFileAtomic } from '../io/write-file.ts';
import type { TuningStore } from './tuning-store.ts';

/** Many times what the convolutions of all networks take. */
const MAX_BYTES = 2 ** 24;

/** The file for an adapter. */
export function tuningFile(adapter: string): string {
  const name = createHash('sha256').update(adapter).digest('hex').slice(0, 16);
  return join(cacheFolder(), `tuning-${name}.json`);
}

/** One file per adapter. */
export const nodeTuningStore: TuningStore = {
  load: (adapter) =>
    readRegularFile('tuning results', tuningFile(adapter), MAX_BYTES).then(
      (bytes) => bytes.toString('utf8'),
      () => undefined,
    ),
  async save(adapter, text) {
    const path = tuningFile(adapter);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 }).catch((cause: Error) => {
      throw new FoveaError('bad-file', `Cannot create the cache folder: ${cause.message}`, { cause });
    });
    await writeFileAtomic(path, text);
  },
};
