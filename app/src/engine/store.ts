/**
 * @file Small things by name, and files, in IndexedDB: each is kept whole or not at all.
 */

const DATABASE = 'fovea application';
const STORE = 'kept';

let opened: Promise<IDBDatabase> | undefined;

function database(): Promise<IDBDatabase> {
  opened ??= (() => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    return resultOf(request);
  })();
  return opened;
}

/** Keeps `value` under `name`. Rejects where there is no room for it. */
export async function keep(name: string, value: unknown): Promise<void> {
  const transaction = (await database()).transaction(STORE, 'readwrite');
  transaction.objectStore(STORE).put(value, name);
  await doneWith(transaction);
}

/** What is kept under `name`, if anything; the caller knows of what type it is. */
export async function recall<T>(name: string): Promise<T | undefined> {
  const store = (await database()).transaction(STORE).objectStore(STORE);
  return resultOf<T | undefined>(store.get(name));
}

/** Keeps nothing under `name` any more. */
export async function forget(name: string): Promise<void> {
  const transaction = (await database()).transaction(STORE, 'readwrite');
  transaction.objectStore(STORE).delete(name);
  await doneWith(transaction);
}

function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function doneWith(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
}
