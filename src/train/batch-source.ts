/**
 * @file What gives batches: a `DataLoader`, or anything of one's own, as in a browser.
 */

import type { Batch } from '../data/data-loader.ts';

/** Batches, epoch by epoch. */
export interface BatchSource {
  /** Batches an epoch, at most. */
  readonly length: number;
  /** The batches of epoch `epoch`, the same whenever it is asked for, without the first `skip`. */
  epoch(epoch: number, options?: { skip?: number }): AsyncIterable<Batch>;
}
