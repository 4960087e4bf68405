/**
 * @file The data set of photographs on disk or in archives (Node).
 */

import type { OptionRules } from '../../arguments.ts';
import { DECODER, type Decoder, locateSharp } from '../decoder.ts';
import { CACHE, type CacheOptions, cacheOptionsOf } from '../pixel-cache/bounded-cache.ts';
import {
  checkDataset,
  PIXEL_DATASET_OPTIONS,
  PixelDataset,
  type PixelDatasetOptions,
  WORKERS,
} from '../pixel-dataset.ts';
import type { Sample } from '../sample.ts';
import { PixelCache } from './disk-cache.ts';
import { DecodePool, defaultWorkers } from './worker-pool.ts';

/** How an {@link ImageDataset} reads its images. */
export interface ImageDatasetOptions extends PixelDatasetOptions {
  /** Decoding threads at most; by default one per processor, but no more than 16. */
  readonly workers?: number;
  /**
   * 'own', the default, gives the same pixels on all machines. 'sharp' takes the package sharp (0.34 or later), which you install: some
   * four times as fast. After scaling, the two differ by 0.05 to 0.13 of 255 on average, and at most 3; those of sharp were OpenCV's.
   */
  readonly decoder?: Decoder | undefined;
  /**
   * A folder that keeps the scaled images, for later runs on the same files; none by default, since what it holds are copies of the
   * photographs. What is damaged there is made anew.
   */
  readonly cache?: string | CacheOptions | undefined;
}

const OPTIONS: OptionRules<ImageDatasetOptions> = {
  ...PIXEL_DATASET_OPTIONS,
  workers: WORKERS,
  decoder: DECODER,
  cache: CACHE,
};

/**
 * Samples whose images are decoded by worker threads when first asked for. Each takes 3·size² bytes of
 * memory: 800 images of 224² are 120 MB. The threads end when the last image is decoded.
 */
export class ImageDataset extends PixelDataset {
  /**
   * Throws 'bad-data' without samples, 'invalid-argument' for malformed samples and unknown options, 'unsupported' where sharp is
   * to decode and is not installed, 'bad-file' where the cache's folder cannot be made or others may write into it.
   */
  constructor(samples: readonly Sample[], options: ImageDatasetOptions = {}) {
    checkDataset(samples, options, OPTIONS);
    const { cache, decoder = 'own', workers = defaultWorkers() } = options;
    const pool = new DecodePool(workers, undefined, {
      sharp: decoder === 'sharp' ? locateSharp() : undefined,
      cache: cache === undefined ? undefined : new PixelCache(cacheOptionsOf(cache)),
    });
    super(samples, options, { decoder, workers, pool });
  }
}
