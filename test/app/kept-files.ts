/**
 * @file What a page keeps in the origin's private file system.
 */

import type { Page } from 'playwright-core';

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
