/**
 * @file Photographs as a network takes them: decoded and scaled once, then kept in memory as bytes.
 */

import { check, FoveaError } from '../errors.ts';
import type { ChannelOrder } from './image.ts';
import { checkMaxPixels, MAX_PIXELS } from './image-header.ts';
import type { Sample } from './sample.ts';
import { DecodePool } from './worker-pool.ts';

/** How an {@link ImageDataset} reads its images. */
export interface ImageDatasetOptions {
  /** Side of the scaled images in pixels, 224 by default. */
  readonly size?: number;
  /** Channel order, 'bgr' by default. */
  readonly order?: ChannelOrder;
  /** Whether an image that cannot be decoded is an error ('throw', the default) or left out ('skip'). */
  readonly onCorrupt?: 'throw' | 'skip';
  /** Decoding threads at most; by default one a processor, at most 4. */
  readonly workers?: number;
  /** How many pixels an image may have, 100 million by default; one of more is corrupt. */
  readonly maxPixels?: number;
}

/** An image that was left out, and why. */
export interface CorruptImage {
  readonly name: string;
  readonly reason: string;
}

/**
 * Samples whose images are decoded by worker threads when first asked for. Each takes 3·size² bytes of
 * memory: 800 images of 224² are 120 MB. The threads end when the last image is decoded.
 */
export class ImageDataset {
  readonly samples: readonly Sample[];
  readonly size: number;
  readonly order: ChannelOrder;
  /** The images that were left out so far, in the order they were met; only with `onCorrupt: 'skip'`. */
  readonly corrupt: CorruptImage[] = [];
  readonly #skipsCorrupt: boolean;
  readonly #maxPixels: number;
  readonly #pool: DecodePool;
  readonly #images: (Promise<Uint8Array | undefined> | undefined)[] = [];
  #decoded = 0;

  /**
   * @throws FoveaError 'bad-data' without samples, 'invalid-argument' for a size that is no positive integer and
   * a `maxPixels` that is not positive
   */
  constructor(samples: readonly Sample[], options: ImageDatasetOptions = {}) {
    const { size = 224, order = 'bgr', onCorrupt = 'throw', workers, maxPixels = MAX_PIXELS } = options;
    checkMaxPixels(maxPixels);
    check(samples.length > 0, 'bad-data', () => 'A dataset needs at least one sample, and got none.');
    check(Number.isInteger(size) && size > 0, 'invalid-argument', () => {
      return `Images cannot be scaled to size ${size}: give a positive integer.`;
    });
    this.samples = samples;
    this.size = size;
    this.order = order;
    this.#skipsCorrupt = onCorrupt === 'skip';
    this.#maxPixels = maxPixels;
    this.#pool = new DecodePool(workers);
  }

  /** How many samples there are, corrupt ones included. */
  get length(): number {
    return this.samples.length;
  }

  /**
   * The pixels of sample `index`, `[size, size, 3]`, not to be changed; undefined where the image is corrupt
   * and left out.
   *
   * @throws FoveaError 'bad-file', naming the file, for a corrupt image unless `onCorrupt` is 'skip';
   * 'disposed' if the dataset was closed before the image was decoded
   */
  pixels(index: number): Promise<Uint8Array | undefined> {
    return (this.#images[index] ??= this.#decode(this.#sampleAt(index)));
  }

  /** Ends the decoding threads. Images decoded before stay available. */
  close(): Promise<void> {
    return this.#pool.close();
  }

  #sampleAt(index: number): Sample {
    const sample = this.samples[index];
    check(sample !== undefined, 'invalid-argument', () => {
      return `There is no sample ${index} among ${this.length}: give an index from 0 to ${this.length - 1}.`;
    });
    return sample;
  }

  async #decode({ name, path }: Sample): Promise<Uint8Array | undefined> {
    try {
      const maxPixels = this.#maxPixels;
      return await this.#pool.decode({ path, size: this.size, order: this.order, maxPixels });
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
