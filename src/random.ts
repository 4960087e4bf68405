/**
 * @file The random generator: Philox 4×32-10, counter based.
 *
 * J. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011. Its whole state is a key and a
 * counter, so a checkpoint holds it in three numbers, and a shader can make the same numbers.
 */

import {
  ARRAY,
  checkArgument,
  checkOptions,
  instanceOf,
  type OptionRules,
  required,
  SEED,
  whole,
} from './arguments.ts';

/** The state of a {@link Random}: enough to continue exactly where it stood. */
export interface RandomState {
  /** What it was made with; one half of the key. */
  readonly seed: number;
  /** Which of the sequences of the seed it draws; the other half of the key. */
  readonly stream: number;
  /** How many 32-bit words were drawn. */
  readonly drawn: number;
}

const ROUNDS = 10;
const WORDS_PER_BLOCK = 4;

const BOUND = whole(1, 2 ** 32);
const STATE: OptionRules<RandomState> = {
  seed: required(SEED),
  stream: required(SEED),
  drawn: required(whole(0, Number.MAX_SAFE_INTEGER)),
};

/** A seeded generator. The same seed and stream give the same numbers on every machine. */
export class Random {
  #seed: number;
  #stream: number;
  #drawn: number;
  readonly #block = new Uint32Array(WORDS_PER_BLOCK);
  /** Which block `#block` holds; −1 for none. */
  #blockIndex = -1;

  /**
   * Throws 'invalid-argument' unless both are whole numbers from 0 to 2³² − 1.
   *
   * @param seed 32-bit key of the generator
   * @param stream 32-bit number that sets independent sequences of one seed apart, 0 by default
   */
  constructor(seed: number, stream = 0) {
    checkArgument('the seed', seed, SEED);
    checkArgument('the stream of a seed', stream, SEED);
    this.#seed = seed;
    this.#stream = stream;
    this.#drawn = 0;
  }

  /** A generator that continues from `state`. Throws 'invalid-argument' where a number of it is missing or none. */
  static from(state: RandomState): Random {
    checkOptions('Random.from', state, STATE);
    const random = new Random(state.seed, state.stream);
    random.#drawn = state.drawn;
    return random;
  }

  /** Continues from `state`. Throws as {@link from} does. */
  restore(state: RandomState): void {
    checkOptions('restore of Random', state, STATE);
    this.#seed = state.seed;
    this.#stream = state.stream;
    this.#drawn = state.drawn;
    this.#blockIndex = -1;
  }

  /** The state to continue from. */
  get state(): RandomState {
    return { seed: this.#seed, stream: this.#stream, drawn: this.#drawn };
  }

  /** A uniform 32-bit unsigned integer. */
  uint32(): number {
    const block = Math.floor(this.#drawn / WORDS_PER_BLOCK);
    if (block !== this.#blockIndex) {
      philox(block, this.#seed, this.#stream, this.#block);
      this.#blockIndex = block;
    }
    return this.#block[this.#drawn++ % WORDS_PER_BLOCK]!;
  }

  /** A uniform number in [0, 1), a multiple of 2⁻²⁴, so that it is exact in f32. */
  uniform(): number {
    return (this.uint32() >>> 8) / 2 ** 24;
  }

  /** A uniform integer in [0, bound). Throws 'invalid-argument' unless `bound` is whole and from 1 to 2³². */
  integer(bound: number): number {
    checkArgument('the bound of a random integer', bound, BOUND);
    return Math.floor((this.uint32() / 2 ** 32) * bound);
  }

  /** A normal number of mean 0 and standard deviation 1, by Box and Muller's transform (two draws). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Shuffles `items` in place (Fisher and Yates) and returns them. */
  shuffle<T>(items: T[]): T[] {
    checkArgument('what is to be shuffled', items, ARRAY);
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [items[i], items[j]] = [items[j]!, items[i]!];
    }
    return items;
  }
}

/** A generator of random numbers. */
export const RANDOM = /* @__PURE__ */ instanceOf(Random, 'a Random: new Random(seed)');

/** Writes block `counter` of the sequence that `seed` and `stream` name into `out`. */
function philox(counter: number, seed: number, stream: number, out: Uint32Array): void {
  let c0 = counter >>> 0;
  let c1 = Math.floor(counter / 2 ** 32) >>> 0;
  let c2 = 0;
  let c3 = 0;
  let k0 = seed;
  let k1 = stream;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(0xd2511f53, c0);
    const low0 = Math.imul(0xd2511f53, c0);
    const high1 = multiplyHigh(0xcd9e8d57, c2);
    const low1 = Math.imul(0xcd9e8d57, c2);
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1 >>> 0;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0 >>> 0;
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/** The upper 32 bits of the product of two unsigned 32-bit integers. */
function multiplyHigh(a: number, b: number): number {
  const aHigh = a >>> 16;
  const aLow = a & 0xffff;
  const bHigh = b >>> 16;
  const bLow = b & 0xffff;
  // No sum reaches 2³²: (2¹⁶ − 1)² + 2¹⁶ − 1 = 2³² − 2¹⁶.
  const middle = (Math.imul(aHigh, bLow) + (Math.imul(aLow, bLow) >>> 16)) >>> 0;
  const middleLow = (Math.imul(aLow, bHigh) + (middle & 0xffff)) >>> 0;
  return (Math.imul(aHigh, bHigh) + (middle >>> 16) + (middleLow >>> 16)) >>> 0;
}
