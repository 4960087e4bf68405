/**
 * @file The timestamp queries of an adapter.
 */

import { closeScopes, openScopes } from './error-scopes.ts';

/** The WebGPU feature that measuring kernels needs. */
export const TIMESTAMPS = 'timestamp-query';

/** Dispatches between two submits that are measured; beyond them time goes unmeasured (the recorder submits far earlier). */
export const MOST_MEASURED = 512;

/** Two timestamps for each dispatch between two submits. */
export function createQueries(gpu: GPUDevice): GPUQuerySet {
  return gpu.createQuerySet({ type: 'timestamp', count: MOST_MEASURED * 2 });
}

/**
 * What `create` makes of queries; undefined where a device that has the feature refuses them all the same: Safari does on some
 * adapters, and a system may have few of them.
 */
export async function unlessRefused<T extends { destroy(): void }>(
  gpu: GPUDevice,
  create: () => T,
): Promise<T | undefined> {
  let created: T | undefined;
  openScopes(gpu);
  try {
    created = create();
  } catch {
    // As good as an error in the scopes.
  }
  const error = await closeScopes(gpu);
  if (!error) return created;
  created?.destroy();
  return undefined;
}
