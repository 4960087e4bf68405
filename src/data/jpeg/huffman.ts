/**
 * @file Huffman codes of a JPEG.
 *
 * ITU T.81, annex C: codes of one length are consecutive numbers, and continue, doubled, with the next length.
 */

import { check, FoveaError } from '../../errors.ts';
import type { BitReader } from './bit-reader.ts';

const MAX_LENGTH = 16;
/** Codes of at most this length are looked up at once. */
const LOOKUP_BITS = 8;

/** A table of codes and the bytes they stand for. */
export class HuffmanTable {
  /** `length << 8 | value` by the next {@link LOOKUP_BITS} bits; 0 for longer codes and none. */
  readonly #lookup = new Uint16Array(1 << LOOKUP_BITS);
  /** By length: one more than the last code, and what to add to a code for the place of its value. */
  readonly #ends = new Int32Array(MAX_LENGTH + 1);
  readonly #places = new Int32Array(MAX_LENGTH + 1);
  readonly #values: Uint8Array;

  /** @param counts how many codes there are of lengths 1 to 16 */
  constructor(counts: Uint8Array, values: Uint8Array) {
    this.#values = values;
    let code = 0;
    let place = 0;
    for (let length = 1; length <= MAX_LENGTH; length++) {
      const count = counts[length - 1]!;
      check(code + count <= 1 << length, 'bad-file', () => {
        return `The JPEG is damaged: a Huffman table has ${count} codes of ${length} bits too many.`;
      });
      this.#places[length] = place - code;
      if (length <= LOOKUP_BITS) this.#enter(code, count, length);
      code += count;
      place += count;
      this.#ends[length] = code;
      code <<= 1;
    }
  }

  /** Reads a code and gives its value. Throws 'bad-file' where the bits are none. */
  read(bits: BitReader): number {
    const found = this.#lookup[bits.peek(LOOKUP_BITS)]!;
    if (found !== 0) {
      bits.skip(found >> 8);
      return found & 255;
    }
    const ahead = bits.peek(MAX_LENGTH);
    for (let length = LOOKUP_BITS + 1; length <= MAX_LENGTH; length++) {
      const code = ahead >> (MAX_LENGTH - length);
      if (code >= this.#ends[length]!) continue;
      bits.skip(length);
      return this.#values[code + this.#places[length]!]!;
    }
    throw new FoveaError('bad-file', 'The JPEG is cut off or damaged: a scan holds bits that are no code.');
  }

  #enter(first: number, count: number, length: number): void {
    const repeats = 1 << (LOOKUP_BITS - length);
    for (let code = first; code < first + count; code++) {
      const value = this.#values[code + this.#places[length]!]!;
      this.#lookup.fill((length << 8) | value, code * repeats, (code + 1) * repeats);
    }
  }
}
