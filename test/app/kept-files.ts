/**
 * @file What a page keeps in the origin's private file system.
 */

import type { Page } from 'playwright-core';

/** The losses of the steps that a page's training keeps for its curve. */
export function keptLosses(page: Page): Promise<number[]> {
  return page.evaluate(async () => {
    const done = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const database = await done(indexedDB.open('fovea application'));
    const store = database.transaction('kept').objectStore('kept');
    const curve: { readonly points: readonly { readonly loss: number }[] } = await done(store.get('curve'));
    database.close();
    return curve.points.map(({ loss }) => loss);
  });
}

/** The SHA-256 of the last checkpoint of a page's training: weights, velocities, generator, figures. */
export function checkpointDigest(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle('training');
    const file = await (await folder.getFileHandle('last.safetensors')).getFile();
    const digest = await crypto.subtle.digest('SHA-256', await file.arrayBuffer());
    return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
  });
}
