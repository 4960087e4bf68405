/**
 * @file Photographs as a network takes them: decoded and scaled once, then kept in memory as bytes.
 */

import { checkArgument, checkOptions, type OptionRules, oneOf, type Rule, whole } from '../arguments.ts';
import { check, FoveaError } from '../errors.ts';
import type { Decoder } from './decoder.ts';
import type { DecodeTask } from './decoding/thread-pool.ts';
import { type ChannelOrder, DECODE_OPTIONS } from './image.ts';
import { MAX_PIXELS } from './image-header.ts';
import { PREPROCESSING, PREPROCESSINGS, type Preprocessing } from './preprocessing.ts';
import { checkSamples, type Sample } from './sample.ts';

/** How a {@link PixelDataset} reads its images. */
export interface PixelDatasetOptions {
  /** Side of the scaled images in pixels, 224 by default. */
  readonly size?: number;
  /** Channel order, that of the preprocessing by default. */
  readonly order?: ChannelOrder;
  /** How the pixels become a network's input, 'original' by default; batches carry it. */
  readonly preprocessing?: Preprocessing;
  /** Whether an image that cannot be decoded is an error ('throw', the default) or left out ('skip'). */
  readonly onCorrupt?: 'throw' | 'skip';
  /** How many pixels an image may have, 100 million by default; one of more is corrupt. */
  readonly maxPixels?: number;
}

/** The rules of {@link PixelDatasetOptions}. */
export const PIXEL_DATASET_OPTIONS: OptionRules<PixelDatasetOptions> = {
  ...DECODE_OPTIONS,
  size: whole(1),
  preprocessing: PREPROCESSING,
  onCorrupt: oneOf('throw', 'skip'),
};

/** How many threads a pool may have. */
export const WORKERS: Rule = whole(1);

/** An image that was left out, and why. */
export interface CorruptImage {
  /** The file name of its sample. */
  readonly name: string;
  /** Why it cannot be decoded: the message of the error, which names the file. */
  readonly reason: string;
}

/** Decodes images on threads. */
interface Pool {
  decode(task: DecodeTask): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** What decodes, and how many threads of it. */
interface Decoding {
  readonly decoder?: Decoder;
  readonly workers: number;
  readonly pool: Pool;
}

/**
 * Samples whose images are decoded by worker threads when first asked for: what the data sets of Node and of browsers have in
 * common. Each takes 3·size² bytes of memory: 800 images of 224² are 120 MB. The threads end when the last image is decoded.
 */
export abstract class PixelDataset {
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
  readonly #pool: Pool;
  readonly #images: (Promise<Uint8Array | undefined> | undefined)[] = [];
  #decoded = 0;

  /** For arguments that were checked. @internal */
  protected constructor(samples: readonly Sample[], options: PixelDatasetOptions, decoding: Decoding) {
    check(new.target !== PixelDataset, 'invalid-argument', () => {
      return 'PixelDataset is what data sets have in common: make an ImageDataset.';
    });
    const { decoder = 'own', workers, pool } = decoding;
    const { size = 224, preprocessing = 'original', onCorrupt = 'throw' } = options;
    const { order = PREPROCESSINGS[preprocessing].order, maxPixels = MAX_PIXELS } = options;
    this.samples = samples;
    this.size = size;
    this.order = order;
    this.preprocessing = preprocessing;
    this.decoder = decoder;
    this.workers = workers;
    this.#skipsCorrupt = onCorrupt === 'skip';
    this.#maxPixels = maxPixels;
    this.#pool = pool;
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

/** Throws 'bad-data' without samples, 'invalid-argument' for malformed samples and options that break `rules`. */
export function checkDataset<T>(samples: readonly Sample[], options: T, rules: OptionRules<T>): void {
  checkSamples('ImageDataset', samples);
  check(samples.length > 0, 'bad-data', () => 'A dataset needs at least one sample but was given none.');
  checkOptions('ImageDataset', options, rules);
}
