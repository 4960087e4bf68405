/**
 * @file What gives batches: a `DataLoader`, or anything of one's own, as in a browser.
 */

import {
  BYTES,
  checkArgument,
  checkProperties,
  FLOATS,
  isObject,
  listOf,
  type OptionRules,
  type Rule,
  required,
  STRING,
  whole,
} from '../arguments.ts';
import type { Batch } from '../data/data-loader.ts';
import { CHANNELS } from '../data/image.ts';
import { check } from '../errors.ts';

/** Batches, epoch by epoch. */
export interface BatchSource {
  /** Batches per epoch, at most. */
  readonly length: number;
  /** The batches of epoch `epoch`, the same whenever it is asked for, without the first `skip`. */
  epoch(epoch: number, options?: { skip?: number }): AsyncIterable<Batch>;
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

const BATCH: OptionRules<Batch> = {
  images: required(BYTES),
  labels: required(FLOATS),
  names: required({
    holds: (value) => listOf(STRING, '').holds(value) && (value as string[]).length > 0,
    words: 'an array of strings, at least one',
  }),
  size: required(whole(1)),
  index: required(whole(0)),
};

/** The batches of an epoch of `source`, each checked for `what` by {@link checkBatch}. */
export async function* batchesOf(
  what: string,
  source: BatchSource,
  epoch: number,
  options?: { skip?: number },
): AsyncGenerator<Batch, void, void> {
  const batches = source.epoch(epoch, options);
  checkArgument(`what epoch() of ${what}'s source gives`, batches, BATCHES);
  for await (const batch of batches) {
    checkBatch(what, batch);
    yield batch;
  }
}

/**
 * Throws 'invalid-argument' unless `batch`, given to `what`, is a batch, 'shape-mismatch' where its parts are of different
 * counts.
 */
export function checkBatch(what: string, batch: Batch): void {
  checkProperties(`${what}'s batch`, batch, BATCH);
  const { images, labels, names, size } = batch;
  const bytes = names.length * size * size * CHANNELS;
  check(images.length === bytes, 'shape-mismatch', () => {
    return `${what}'s batch of ${names.length} images of ${size}×${size} takes ${bytes} bytes, ${CHANNELS} per pixel, but its images have ${images.length}`;
  });
  check(labels.length === names.length, 'shape-mismatch', () => {
    return `${what}'s batch has ${names.length} names, but ${labels.length} labels: give one of each per image`;
  });
}
