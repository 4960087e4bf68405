/**
 * @file Tuning tables in IndexedDB (browsers).
 */

import { FoveaError } from '../errors.ts';
import type { KeptKind, TuningStore } from './tuning-store.ts';

const DATABASE = 'fovea';
const STORE = 'tuning';

const keyOf = (adapter: string, kind: KeptKind = 'tuning'): string =>
  kind === 'tuning' ? adapter : `${kind} of ${adapter}`;

/** One record of each kind per adapter, in the database `fovea`. */
export const browserTuningStore: TuningStore = {
  // A page may be denied storage (a sandboxed frame): there is nothing kept then.
  load: (adapter, kind) =>
    withStore<unknown>('readonly', (store) => store.get(keyOf(adapter, kind))).then(
      (text) => (typeof text === 'string' ? text : undefined),
      () => undefined,
    ),
  async save(adapter, text, kind) {
    try {
      await withStore('readwrite', (store) => store.put(text, keyOf(adapter, kind)));
    } catch (cause) {
      throw new FoveaError('bad-file', `Cannot store the tuning results: ${(cause as Error).message}`, {
        cause,
      });
    }
  },
};

/** The result of a request, once its transaction is done. */
async function withStore<T>(
  mode: IDBTransactionMode,
  request: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const database = await open();
  try {
    return await new Promise<T>((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const made = request(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(made.result);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
}
