/** @file The data set of photographs that a page was given. */

import type { OptionRules } from '../../arguments.ts';
import { CACHE, type CacheOptions, cacheOptionsOf } from '../pixel-cache/bounded-cache.ts';
import {
  checkDataset,
  PIXEL_DATASET_OPTIONS,
  PixelDataset,
  type PixelDatasetOptions,
  WORKERS,
} from '../pixel-dataset.ts';
import type { Sample } from '../sample.ts';
import { PageCache } from './page-cache.ts';
import { type DecodeWorkerSource, defaultWorkers, PageDecodePool, WORKER_SOURCE } from './worker-pool.ts';

/** How an {@link ImageDataset} reads its images. */
export interface ImageDatasetOptions extends PixelDatasetOptions {
  /** Decoding workers at most; by default one per processor, but no more than 8. */
  readonly workers?: number;
  /**
   * Where the code of the decoding workers lies, `browser-decode-worker.js` of the package, or what starts one. By default it lies
   * beside the library, where bundlers that know `new Worker(new URL(…))` put it.
   */
  readonly worker?: DecodeWorkerSource;
  /**
   * A folder of the origin's private file system that keeps the scaled images for later visits; none by default, since what it holds are
   * copies of the photographs. What is damaged there is made anew.
   */
  readonly cache?: string | CacheOptions | undefined;
}

const OPTIONS: OptionRules<ImageDatasetOptions> = {
  ...PIXEL_DATASET_OPTIONS,
  workers: WORKERS,
  worker: WORKER_SOURCE,
  cache: CACHE,
};

/**
 * Samples whose images are decoded by Web Workers when first asked for, by the library's own decoders: the pixels are those that
 * Node's `ImageDataset` has, bit for bit, whatever the browser. Samples need a `source`; those that the readers of folders give have one.
 * Each image takes 3·size² bytes of memory: 800 images of 224² are 120 MB. The workers end when the last image is decoded.
 */
export class ImageDataset extends PixelDataset {
  /** Throws 'bad-data' without samples, 'invalid-argument' for malformed samples and unknown options. */
  constructor(samples: readonly Sample[], options: ImageDatasetOptions = {}) {
    checkDataset(samples, options, OPTIONS);
    const { cache, worker, workers = defaultWorkers() } = options;
    const pool = new PageDecodePool(
      workers,
      worker,
      cache === undefined ? undefined : new PageCache(cacheOptionsOf(cache)),
    );
    super(samples, options, { workers, pool });
  }
}
