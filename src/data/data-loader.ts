/**
 * @file Batches of a {@link PixelDataset}, shuffled reproducibly and decoded ahead.
 */

import {
  BOOLEAN,
  checkArgument,
  checkOptions,
  instanceOf,
  type OptionRules,
  required,
  SEED,
  whole,
} from '../arguments.ts';
import { check } from '../errors.ts';
import { Random } from '../random.ts';
import { CHANNELS } from './image.ts';
import { PixelDataset } from './pixel-dataset.ts';
import type { Preprocessing } from './preprocessing.ts';
import { type Augmentation, drawAugmentation } from './transforms/augmentation.ts';
import { TRANSFORM, type Transform } from './transforms/transform.ts';

/** How a {@link DataLoader} makes its batches. */
export interface DataLoaderOptions {
  /** Samples per batch. */
  readonly batchSize: number;
  /** Whether each epoch has an order of its own, false by default. */
  readonly shuffle?: boolean;
  /** Seed of the orders and of what transforms draw, 0 by default. */
  readonly seed?: number;
  /**
   * How many batches are decoded ahead of the one in use; by default 2, and more where those have fewer than two images for each
   * decoding thread.
   */
  readonly prefetch?: number;
  /** Whether a last batch of fewer samples is left out, false by default. */
  readonly dropLast?: boolean;
  /** Drawn anew for every image in every epoch, none by default; for training alone. */
  readonly transforms?: Transform | undefined;
}

/** Some samples of an epoch. */
export interface Batch {
  /** `[N, size, size, 3]`, N = `names.length`. */
  readonly images: Uint8Array;
  /** `[N]` */
  readonly labels: Float32Array;
  /** The file names of the photographs, in the order of the batch. */
  readonly names: readonly string[];
  /** Side of the images in pixels. */
  readonly size: number;
  /** Which batch of its epoch this is, from 0. */
  readonly index: number;
  /** How the bytes become the network's input, 'original' by default. */
  readonly preprocessing?: Preprocessing | undefined;
  /** What transforms drew for each image, see `drawAugmentation`; by default images are as they are. */
  readonly augmentation?: Augmentation | undefined;
}

/** What {@link DataLoader.epoch} takes. */
export interface EpochOptions {
  /** Leaves out the first so many batches, without decoding them; 0 by default. */
  readonly skip?: number;
}

const DATASET = instanceOf(PixelDataset, 'an ImageDataset');
const OPTIONS: OptionRules<DataLoaderOptions> = {
  batchSize: required(whole(1)),
  shuffle: BOOLEAN,
  seed: SEED,
  prefetch: whole(0),
  dropLast: BOOLEAN,
  transforms: TRANSFORM,
};
const EPOCH = whole(0, 2 ** 32 - 1);
const EPOCH_OPTIONS: OptionRules<EpochOptions> = { skip: whole(0) };

/** Divides a dataset into batches, epoch by epoch. */
export class DataLoader {
  /** Where the samples come from. */
  readonly dataset: PixelDataset;
  readonly #options: Required<Omit<DataLoaderOptions, 'transforms'>>;
  /** Drawn for every image, undefined for none. */
  readonly transforms: Transform | undefined;

  /** Throws 'invalid-argument' unless `dataset` is an ImageDataset, and for options that are missing or unknown. */
  constructor(dataset: PixelDataset, options: DataLoaderOptions) {
    checkArgument('the dataset of DataLoader', dataset, DATASET);
    checkOptions('DataLoader', options, OPTIONS);
    const { batchSize, shuffle = false, seed = 0, dropLast = false } = options;
    const { prefetch = Math.max(2, Math.ceil((2 * dataset.workers) / batchSize)) } = options;
    this.dataset = dataset;
    this.transforms = options.transforms;
    this.#options = { batchSize, shuffle, seed, prefetch, dropLast };
  }

  /** Batches per epoch. */
  get length(): number {
    const batches = this.dataset.length / this.#options.batchSize;
    return this.#options.dropLast ? Math.floor(batches) : Math.ceil(batches);
  }

  /**
   * The batches of epoch `epoch`; their order, and what transforms draw, depend on the seed and `epoch` alone, so a resumed run sees
   * the same ones. Corrupt images that the dataset leaves out make their batch shorter; a batch with none
   * left is passed over. Returning early is fine: what is being decoded then is kept by the dataset.
   *
   * Throws 'invalid-argument' if `skip` exceeds the batches of the epoch, or if either is not a whole number, and what
   * {@link PixelDataset.pixels} throws.
   */
  async *epoch(epoch: number, options: EpochOptions = {}): AsyncGenerator<Batch, void, void> {
    checkArgument('the epoch of DataLoader', epoch, EPOCH);
    checkOptions('epoch', options, EPOCH_OPTIONS);
    const { skip = 0 } = options;
    check(skip <= this.length, 'invalid-argument', () => {
      return `skip is ${skip}, but an epoch has ${this.length} batches: skip at most that many.`;
    });
    const order = this.#order(epoch);
    const ahead: Promise<Batch>[] = [];
    let started = skip;
    for (let index = skip; index < this.length; index++) {
      while (started < this.length && started <= index + this.#options.prefetch) {
        ahead.push(this.#start(epoch, order, started++));
      }
      const batch = await ahead.shift()!;
      if (batch.names.length > 0) yield batch;
    }
  }

  /** The samples' indexes in the order of an epoch. */
  #order(epoch: number): number[] {
    const indexes = Array.from(this.dataset.samples, (_, index) => index);
    return this.#options.shuffle ? new Random(this.#options.seed, epoch).shuffle(indexes) : indexes;
  }

  /** A batch under way; its error waits for whoever awaits it, and is dropped if the epoch is left early. */
  #start(epoch: number, order: readonly number[], index: number): Promise<Batch> {
    const { batchSize } = this.#options;
    const batch = this.#load(epoch, order.slice(index * batchSize, (index + 1) * batchSize), index);
    batch.catch(() => {});
    return batch;
  }

  async #load(epoch: number, indexes: readonly number[], index: number): Promise<Batch> {
    const { samples, size, preprocessing } = this.dataset;
    const pixels = await Promise.all(indexes.map((sample) => this.dataset.pixels(sample)));
    const kept = indexes.flatMap((sample, i) => {
      const image = pixels[i];
      return image ? [{ image, number: sample, sample: samples[sample]! }] : [];
    });
    const images = new Uint8Array(kept.length * size * size * CHANNELS);
    kept.forEach(({ image }, i) => {
      images.set(image, i * image.length);
    });
    return {
      images,
      labels: Float32Array.from(kept, ({ sample }) => sample.label),
      names: kept.map(({ sample }) => sample.name),
      size,
      index,
      preprocessing,
      augmentation: this.#draw(
        epoch,
        kept.map(({ number }) => number),
      ),
    };
  }

  /** What the transforms do with these samples in an epoch. */
  #draw(epoch: number, samples: readonly number[]): Augmentation | undefined {
    if (!this.transforms) return undefined;
    const { size, order } = this.dataset;
    return drawAugmentation(this.transforms, { samples, size, order, seed: this.#options.seed, epoch });
  }
}
