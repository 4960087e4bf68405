/**
 * @file Tuning tables in IndexedDB (browsers).
 */

import { FoveaError } from '../errors.ts';
import type { TuningStore } from './tuning-store.ts';

const DATABASE = 'fovea';
const STORE = 'tuning';

/** One record per adapter, in the database `fovea`. */
export const browserTuningStore: TuningStore = {
  // A page may be denied storage (a sandboxed frame): there is nothing kept then.
  load: (adapter) =>
    withStore<unknown>('readonly', (store) => store.get(adapter)).then(
      (text) => (typeof text === 'string' ? text : undefined),
      () => undefined,
    ),
  async save(adapter, text) {
    try {
      await withStore('readwrite', (store) => store.put(text, adapter));
    } catch (cause) {
      throw new FoveaError('bad-file', `Cannot store the tuning table: ${(cause as Error).message}`, {
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
