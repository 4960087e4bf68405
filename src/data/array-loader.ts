/**
 * @file Batches of arrays that are in memory, shuffled reproducibly.
 */

import {
  BOOLEAN,
  checkArgument,
  checkOptions,
  isObject,
  type OptionRules,
  type Rule,
  required,
  SEED,
  whole,
} from '../arguments.ts';
import { counted } from '../counted.ts';
import { check } from '../errors.ts';
import { Random } from '../random.ts';
import { formatShape, type Shape, sizeOf } from '../shape/shape.ts';

/** Numbers and their shape; their type follows from the array: `Float32Array` is f32, `Int32Array` i32. */
export interface ArrayData {
  /** In row-major order, as many as the shape has elements. */
  readonly data: Float32Array | Int32Array | Uint32Array | Uint8Array;
  /** Extents, outermost first; the first one counts the samples. */
  readonly shape: Shape;
}

/** Some samples of an epoch: inputs and targets of any shape, one per sample along the first axis. */
export interface ArrayBatch {
  /** What the model takes, `[N, …]`. */
  readonly inputs: ArrayData;
  /** What it should give, `[N, …]`. */
  readonly targets: ArrayData;
  /** Which batch of its epoch this is, from 0. */
  readonly index: number;
  /** What messages call the samples. */
  readonly names?: readonly string[];
}

/** How an {@link ArrayLoader} makes its batches. */
export interface ArrayLoaderOptions {
  /** One per sample along the first axis: `{ data: Float32Array, shape: [1000, 1, 8, 8] }`. */
  readonly inputs: ArrayData;
  /** As many: `{ data: Int32Array, shape: [1000] }`. */
  readonly targets: ArrayData;
  /** Samples per batch. */
  readonly batchSize: number;
  /** Whether each epoch has an order of its own, false by default. */
  readonly shuffle?: boolean;
  /** Seed of the orders, 0 by default. */
  readonly seed?: number;
}

const isTyped = (data: unknown): boolean =>
  [Float32Array, Int32Array, Uint32Array, Uint8Array].some((Type) => data instanceof Type);
const EXTENT = whole(0);

/** An {@link ArrayData} of one sample or more. */
export const ARRAY_DATA: Rule = {
  holds: (value) => {
    if (!isObject(value)) return false;
    const { data, shape } = value as ArrayData;
    return isTyped(data) && Array.isArray(shape) && shape[0]! > 0 && shape.every(EXTENT.holds);
  },
  words: '{ data, shape } of a typed array, with one sample or more along the first axis',
};
const OPTIONS: OptionRules<ArrayLoaderOptions> = {
  inputs: required(ARRAY_DATA),
  targets: required(ARRAY_DATA),
  batchSize: required(whole(1)),
  shuffle: BOOLEAN,
  seed: SEED,
};
const EPOCH = whole(0, 2 ** 32 - 1);
const EPOCH_OPTIONS: OptionRules<{ skip?: number }> = { skip: whole(0) };

/**
 * Throws 'shape-mismatch' unless inputs and targets, given to `what`, are as many, and their arrays as long as their shapes say.
 */
export function checkPairs(what: string, inputs: ArrayData, targets: ArrayData): void {
  for (const [name, { data, shape }] of Object.entries({ inputs, targets }))
    check(data.length === sizeOf(shape), 'shape-mismatch', () => {
      return `${name} of ${what} have shape ${formatShape(shape)}, which takes ${counted(sizeOf(shape), 'value')}, but ${counted(data.length, 'value')}`;
    });
  check(inputs.shape[0] === targets.shape[0], 'shape-mismatch', () => {
    return `${what} has ${inputs.shape[0]} inputs, but ${targets.shape[0]} targets: one of each per sample`;
  });
}

/** Divides arrays into batches, epoch by epoch: what `fit` and `evaluate` take. */
export class ArrayLoader {
  readonly #options: Required<ArrayLoaderOptions>;

  /**
   * Throws 'invalid-argument' for options that are missing or unknown, 'shape-mismatch' where inputs and targets differ in number,
   * or an array is not as long as its shape says.
   */
  constructor(options: ArrayLoaderOptions) {
    checkOptions('ArrayLoader', options, OPTIONS);
    const { inputs, targets, batchSize, shuffle = false, seed = 0 } = options;
    checkPairs('ArrayLoader', inputs, targets);
    this.#options = { inputs, targets, batchSize, shuffle, seed };
  }

  /** Batches per epoch; the last may be a shorter one. */
  get length(): number {
    return Math.ceil(this.#options.inputs.shape[0]! / this.#options.batchSize);
  }

  /** The batches of epoch `epoch` without the first `skip`; their order depends on the seed and `epoch` alone. */
  async *epoch(epoch: number, options: { skip?: number } = {}): AsyncGenerator<ArrayBatch, void, void> {
    checkArgument('the epoch of ArrayLoader', epoch, EPOCH);
    checkOptions('epoch', options, EPOCH_OPTIONS);
    const { inputs, targets, batchSize, shuffle, seed } = this.#options;
    const order = Array.from({ length: inputs.shape[0]! }, (_, sample) => sample);
    if (shuffle) new Random(seed, epoch).shuffle(order);
    for (let index = options.skip ?? 0; index < this.length; index++) {
      const samples = order.slice(index * batchSize, (index + 1) * batchSize);
      yield { inputs: pick(inputs, samples), targets: pick(targets, samples), index };
    }
  }
}

/** Some samples of an array. */
function pick({ data, shape: [, ...rest] }: ArrayData, samples: readonly number[]): ArrayData {
  const size = sizeOf(rest);
  const picked = data.slice(0, samples.length * size);
  samples.forEach((sample, i) => {
    picked.set(data.subarray(sample * size, (sample + 1) * size), i * size);
  });
  return { data: picked, shape: [samples.length, ...rest] };
}
