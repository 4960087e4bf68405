/**
 * @file Where batches come from: a `DataLoader`, or the user's own source, as in a browser.
 */

import {
  BYTES,
  checkArgument,
  checkProperties,
  FLOATS,
  FUNCTION,
  isObject,
  listOf,
  type OptionRules,
  type Rule,
  required,
  STRING,
  whole,
} from '../arguments.ts';
import { counted } from '../counted.ts';
import { ARRAY_DATA, type ArrayBatch, checkPairs } from '../data/array-loader.ts';
import type { Batch } from '../data/data-loader.ts';
import { CHANNELS } from '../data/image.ts';
import { PREPROCESSING } from '../data/preprocessing.ts';
import type { Augmentation } from '../data/transforms/augmentation.ts';
import { check } from '../errors.ts';
import { AUGMENTATION_LENGTH } from '../kernels/augment-images.ts';

/** A batch: of photographs, of arrays, or of anything that the option `forward` passes through a model. */
export type AnyBatch =
  | Batch
  | ArrayBatch
  | {
      /** Which batch of its epoch this is, from 0. */
      readonly index: number;
    };

/** Whether a batch is one of photographs. */
export const isPhotographs = (batch: AnyBatch): batch is Batch => 'images' in batch;

/** Whether a batch is one of arrays. */
export const isArrayBatch = (batch: AnyBatch): batch is ArrayBatch => 'inputs' in batch;

/** A batch as evaluation takes it: whatever transforms drew for it is left out. */
export function withoutAugmentation<B extends AnyBatch>(batch: B): B {
  return isPhotographs(batch) && batch.augmentation ? { ...batch, augmentation: undefined } : batch;
}

/** What messages call the samples of a batch. */
export function namesOf(batch: AnyBatch): readonly string[] {
  return 'names' in batch && batch.names ? batch.names : [`batch ${batch.index}`];
}

/** How many samples a batch has; 1 where only the option `forward` knows. */
export function samplesOf(batch: AnyBatch): number {
  if (isPhotographs(batch)) return batch.names.length;
  return isArrayBatch(batch) ? batch.inputs.shape[0]! : 1;
}

/** Batches, epoch by epoch. */
export interface BatchSource<B extends AnyBatch = Batch> {
  /** Batches per epoch, at most. */
  readonly length: number;
  /** The batches of epoch `epoch`, the same whenever it is asked for, without the first `skip`. */
  epoch(epoch: number, options?: { skip?: number }): AsyncIterable<B>;
}

const LENGTH = whole(0);

/** A {@link BatchSource}, of whatever class. */
export const BATCH_SOURCE: Rule = {
  holds: (value) =>
    isObject(value) &&
    typeof (value as BatchSource).epoch === 'function' &&
    LENGTH.holds((value as BatchSource).length),
  words: 'a DataLoader, or a BatchSource of your own { length, epoch() }',
};

const BATCHES: Rule = {
  holds: (value) => isObject(value) && (Symbol.asyncIterator in value || Symbol.iterator in value),
  words: 'an AsyncIterable of batches, as an async generator gives it',
};

/** An {@link Augmentation}. */
const AUGMENTATION: Rule = {
  holds: (value) => {
    const { parameters, apply, mixLabels } = (isObject(value) ? value : {}) as Partial<Augmentation>;
    return FLOATS.holds(parameters) && FUNCTION.holds(apply) && FUNCTION.holds(mixLabels);
  },
  words: 'an Augmentation, as drawAugmentation() gives it',
};

const BATCH: OptionRules<Batch> = {
  images: required(BYTES),
  labels: required(FLOATS),
  names: required({
    holds: (value) => listOf(STRING, '').holds(value) && (value as string[]).length > 0,
    words: 'an array of strings, at least one',
  }),
  size: required(whole(1)),
  index: required(whole(0)),
  preprocessing: PREPROCESSING,
  augmentation: AUGMENTATION,
};

/** The batches of an epoch of `source`, each checked for `what` by `checkOne`. */
export async function* batchesOf<B extends AnyBatch>(
  what: string,
  source: BatchSource<B>,
  epoch: number,
  checkOne: (what: string, batch: B) => void,
  options?: { skip?: number },
): AsyncGenerator<B, void, void> {
  const batches = source.epoch(epoch, options);
  checkArgument(`what epoch() of ${what}'s source gives`, batches, BATCHES);
  for await (const batch of batches) {
    checkOne(what, batch);
    yield batch;
  }
}

const ARRAY_BATCH: OptionRules<ArrayBatch> = {
  inputs: required(ARRAY_DATA),
  targets: required(ARRAY_DATA),
  index: required(whole(0)),
  names: listOf(STRING, 'an array of strings'),
};

/** Throws 'invalid-argument' unless `batch`, given to `what`, is one of arrays, 'shape-mismatch' where its parts differ in count. */
export function checkArrayBatch(what: string, batch: ArrayBatch): void {
  checkProperties(`${what}'s batch`, batch, ARRAY_BATCH);
  checkPairs(`${what}'s batch`, batch.inputs, batch.targets);
}

/**
 * Throws 'invalid-argument' unless `batch`, given to `what`, is a batch, 'shape-mismatch' where its parts are of different
 * counts.
 */
export function checkBatch(what: string, batch: Batch): void {
  checkProperties(`${what}'s batch`, batch, BATCH);
  const { images, labels, names, size, augmentation } = batch;
  const bytes = names.length * size * size * CHANNELS;
  check(images.length === bytes, 'shape-mismatch', () => {
    return `${what}'s batch of ${counted(names.length, 'image')} of ${size}×${size} takes ${bytes} bytes, ${CHANNELS} per pixel, but its images have ${images.length}`;
  });
  check(labels.length === names.length, 'shape-mismatch', () => {
    return `${what}'s batch has ${counted(names.length, 'name')}, but ${counted(labels.length, 'label')}: give one of each per image`;
  });
  const length = names.length * AUGMENTATION_LENGTH;
  const found = augmentation?.parameters.length ?? length;
  check(found === length, 'shape-mismatch', () => {
    return `${what}'s batch of ${counted(names.length, 'image')} takes an augmentation of ${length} numbers, ${AUGMENTATION_LENGTH} per image, but its augmentation has ${found}`;
  });
}
