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
import type { KeptKind, TuningStore } from './tuning-store.ts';

/** Many times what the convolutions of all networks take. */
const MAX_BYTES = 2 ** 24;

/** The file for an adapter. */
export function tuningFile(adapter: string, kind: KeptKind = 'tuning'): string {
  const name = createHash('sha256').update(adapter).digest('hex').slice(0, 16);
  return join(cacheFolder(), `${kind}-${name}.json`);
}

/** One file of each kind per adapter. */
export const nodeTuningStore: TuningStore = {
  load: (adapter, kind) =>
    readRegularFile('tuning results', tuningFile(adapter, kind), MAX_BYTES).then(
      (bytes) => bytes.toString('utf8'),
      () => undefined,
    ),
  async save(adapter, text, kind) {
    const path = tuningFile(adapter, kind);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 }).catch((cause: Error) => {
      throw new FoveaError('bad-file', `Cannot create the cache folder: ${cause.message}`, { cause });
    });
    await writeFileAtomic(path, text);
  },
};
