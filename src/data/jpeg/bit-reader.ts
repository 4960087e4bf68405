/**
 * @file The bits of a JPEG's scan.
 *
 * ITU T.81, section F.2.2.5: a byte FF is followed by a stuffed 00, or it begins a marker, which ends the bits.
 */

import { FoveaError } from '../../errors.ts';

/** Reads bits, the highest of each byte first. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #offset: number;
  /** The lowest `#count` bits are still to be read. */
  #bits = 0;
  #count = 0;

  constructor(bytes: Uint8Array, offset: number) {
    this.#bytes = bytes;
    this.#offset = offset;
  }

  /** Where the first byte stands that no bit was taken from; bits read ahead must be dropped before. */
  get offset(): number {
    return this.#offset;
  }

  /** The next `count` bits, at most 16; zeros stand for those beyond the end. */
  peek(count: number): number {
    if (this.#count < count) this.#fill();
    const missing = count - this.#count;
    const bits = missing > 0 ? this.#bits << missing : this.#bits >>> -missing;
    return bits & ((1 << count) - 1);
  }

  /** Passes over bits that were peeked at. Throws 'bad-file' beyond the end. */
  skip(count: number): void {
    if (count > this.#count) {
      throw new FoveaError(
        'bad-file',
        `The JPEG is cut off or damaged: a scan ends early, at byte ${this.#offset}.`,
      );
    }
    this.#count -= count;
  }

  /** The next `count` bits, 0 to 16, as a number. */
  read(count: number): number {
    const bits = this.peek(count);
    this.skip(count);
    return bits;
  }

  /** The next `count` bits as ITU T.81, section F.2.2.1 codes differences: a leading 0 means a negative one. */
  readSigned(count: number): number {
    if (count === 0) return 0;
    const bits = this.read(count);
    return bits < 1 << (count - 1) ? bits - (1 << count) + 1 : bits;
  }

  /** Drops what is left of the last byte, and passes over a restart marker. */
  restart(): void {
    const unread = this.#count >= 8;
    this.#bits = 0;
    this.#count = 0;
    const marker = this.#bytes[this.#offset] === 0xff ? (this.#bytes[this.#offset + 1] ?? 0) : 0;
    if (unread || marker < 0xd0 || marker > 0xd7) {
      const message = `The JPEG is cut off or damaged: no restart marker at byte ${this.#offset}.`;
      throw new FoveaError('bad-file', message);
    }
    this.#offset += 2;
  }

  #fill(): void {
    while (this.#count <= 24 && this.#offset < this.#bytes.length) {
      const byte = this.#bytes[this.#offset]!;
      if (byte === 0xff) {
        if (this.#bytes[this.#offset + 1] !== 0) return;
        this.#offset += 1;
      }
      this.#offset += 1;
      this.#bits = (this.#bits << 8) | byte;
      this.#count += 8;
    }
  }
}
