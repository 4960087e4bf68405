/**
 * @file Photographs as a network takes them: decoded and scaled once, then kept in memory as bytes.
 */

import { checkArgument, checkOptions, type OptionRules, oneOf, whole } from '../arguments.ts';
import { check, FoveaError } from '../errors.ts';
import { DECODER, type Decoder, locateSharp } from './decoder.ts';
import { type ChannelOrder, DECODE_OPTIONS } from './image.ts';
import { MAX_PIXELS } from './image-header.ts';
import { CACHE, CACHE_OPTIONS, type CacheOptions, PixelCache } from './pixel-cache/cache.ts';
import { PREPROCESSING, PREPROCESSINGS, type Preprocessing } from './preprocessing.ts';
import { checkSamples, type Sample } from './sample.ts';
import { DecodePool, defaultWorkers, WORKERS } from './worker-pool.ts';

/** How an {@link ImageDataset} reads its images. */
export interface ImageDatasetOptions {
  /** Side of the scaled images in pixels, 224 by default. */
  readonly size?: number;
  /** Channel order, that of the preprocessing by default. */
  readonly order?: ChannelOrder;
  /** How the pixels become a network's input, 'original' by default; batches carry it. */
  readonly preprocessing?: Preprocessing;
  /** Whether an image that cannot be decoded is an error ('throw', the default) or left out ('skip'). */
  readonly onCorrupt?: 'throw' | 'skip';
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
  /** How many pixels an image may have, 100 million by default; one of more is corrupt. */
  readonly maxPixels?: number;
}

const OPTIONS: OptionRules<ImageDatasetOptions> = {
  ...DECODE_OPTIONS,
  size: whole(1),
  preprocessing: PREPROCESSING,
  onCorrupt: oneOf('throw', 'skip'),
  workers: WORKERS,
  decoder: DECODER,
  cache: CACHE,
};

/** An image that was left out, and why. */
export interface CorruptImage {
  /** The file name of its sample. */
  readonly name: string;
  /** Why it cannot be decoded: the message of the error, which names the file. */
  readonly reason: string;
}

/**
 * Samples whose images are decoded by worker threads when first asked for. Each takes 3·size² bytes of
 * memory: 800 images of 224² are 120 MB. The threads end when the last image is decoded.
 */
export class ImageDataset {
  /** All samples, corrupt ones included; an index is a place in this list. */
  readonly samples: readonly Sample[];
  /** Height and width that images are scaled to, in pixels. */
  readonly size: number;
  /** The channel order of the pixels. */
  readonly order: ChannelOrder;
  /** How the pixels become a network's input. */
  readonly preprocessing: Preprocessing;
  /** What decodes the images. */
  readonly decoder: Decoder;
  /** Decoding threads at most. */
  readonly workers: number;
  /** The images that were left out so far, in the order they were met; only with `onCorrupt: 'skip'`. */
  readonly corrupt: CorruptImage[] = [];
  readonly #skipsCorrupt: boolean;
  readonly #maxPixels: number;
  readonly #pool: DecodePool;
  readonly #images: (Promise<Uint8Array | undefined> | undefined)[] = [];
  #decoded = 0;

  /**
   * Throws 'bad-data' without samples, 'invalid-argument' for malformed samples and unknown options, 'unsupported' where sharp is
   * to decode and is not installed, 'bad-file' where the cache's folder cannot be made or others may write into it.
   */
  constructor(samples: readonly Sample[], options: ImageDatasetOptions = {}) {
    checkSamples('ImageDataset', samples);
    check(samples.length > 0, 'bad-data', () => 'A dataset needs at least one sample but was given none.');
    checkOptions('ImageDataset', options, OPTIONS);
    const { size = 224, preprocessing = 'original', onCorrupt = 'throw', cache } = options;
    const { decoder = 'own', workers = defaultWorkers() } = options;
    const { order = PREPROCESSINGS[preprocessing].order, maxPixels = MAX_PIXELS } = options;
    this.samples = samples;
    this.size = size;
    this.order = order;
    this.preprocessing = preprocessing;
    this.#skipsCorrupt = onCorrupt === 'skip';
    this.#maxPixels = maxPixels;
    this.decoder = decoder;
    this.workers = workers;
    this.#pool = new DecodePool(workers, undefined, {
      sharp: decoder === 'sharp' ? locateSharp() : undefined,
      cache: cache === undefined ? undefined : openCache(cache),
    });
  }

  /** How many samples there are, corrupt ones included. */
  get length(): number {
    return this.samples.length;
  }

  /**
   * The pixels of sample `index`, `[size, size, 3]`, not to be changed; undefined where the image is corrupt
   * and left out.
   *
   * Throws 'bad-file', naming the file, for a corrupt image unless `onCorrupt` is 'skip';
   * 'disposed' if the dataset was closed before the image was decoded; at once 'invalid-argument' for an index that no
   * sample has.
   */
  pixels(index: number): Promise<Uint8Array | undefined> {
    checkArgument('the index of a sample', index, whole(0, this.length - 1));
    return (this.#images[index] ??= this.#decode(this.samples[index]!));
  }

  /** Ends the decoding threads. Images decoded before stay available. */
  close(): Promise<void> {
    return this.#pool.close();
  }

  async #decode({ name, path, source }: Sample): Promise<Uint8Array | undefined> {
    try {
      const maxPixels = this.#maxPixels;
      return await this.#pool.decode({ path, source, size: this.size, order: this.order, maxPixels });
    } catch (error) {
      const isCorrupt = error instanceof FoveaError && error.code === 'bad-file';
      if (!isCorrupt || !this.#skipsCorrupt) throw error;
      this.corrupt.push({ name, reason: error.message });
      return undefined;
    } finally {
      this.#decoded += 1;
      if (this.#decoded === this.length) void this.close();
    }
  }
}

function openCache(cache: string | CacheOptions): PixelCache {
  const options = typeof cache === 'string' ? { folder: cache } : cache;
  checkOptions('cache of ImageDataset', options, CACHE_OPTIONS);
  return new PixelCache(options);
}
