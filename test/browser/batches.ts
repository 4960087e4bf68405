/** @file What a loader gives, so that Node and a page can be compared; it is sent to the page as text. */

import type { DataLoader } from '../../src/index.ts';

/** A batch, its pixels in hexadecimal digits. */
export interface NotedBatch {
  readonly names: readonly string[];
  readonly labels: readonly number[];
  readonly pixels: string;
}

/** The batches of two epochs. */
export async function noted(loader: DataLoader): Promise<NotedBatch[]> {
  const batches: NotedBatch[] = [];
  for (const epoch of [0, 1])
    for await (const { names, labels, images } of loader.epoch(epoch)) {
      const pixels = Array.from(images, (byte) => byte.toString(16).padStart(2, '0')).join('');
      batches.push({ names, labels: [...labels], pixels });
    }
  return batches;
}

declare global {
  interface Window {
    /** {@link noted}, in the page. */
    readonly noted: (loader: DataLoader) => Promise<NotedBatch[]>;
  }
}
