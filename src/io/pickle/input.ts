/**
 * @file The bytes of a pickle, read from front to back and never beyond their end.
 */

import { counted } from '../../counted.ts';
import { check, FoveaError } from '../../errors.ts';

/** A text of more bytes is refused: JavaScript cannot hold it. */
const MAX_TEXT_BYTES = 2 ** 28;
/** A line, which names a global, is no longer. */
const MAX_LINE_BYTES = 256;
const NEWLINE = 0x0a;

/** Reads what the opcodes of a pickle take. Throws 'bad-file' where the bytes end before. */
export class PickleInput {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** How many bytes were read. */
  get position(): number {
    return this.#position;
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  i32(): number {
    return this.#view.getInt32(this.#advance(4), true);
  }

  /** A length of eight bytes; one that a file cannot have is returned as it rounds, and too long in any case. */
  u64(): number {
    return Number(this.#view.getBigUint64(this.#advance(8), true));
  }

  /** Protocol 2 and later write floats with the sign first. */
  f64(): number {
    return this.#view.getFloat64(this.#advance(8), false);
  }

  /** A view of the next `length` bytes. */
  bytes(length: number): Uint8Array {
    const start = this.#advance(length);
    return this.#bytes.subarray(start, start + length);
  }

  /** A text of `length` bytes of UTF-8. */
  text(length: number): string {
    check(
      length <= MAX_TEXT_BYTES,
      'bad-file',
      () => `a text has ${length} bytes, more than ${MAX_TEXT_BYTES}`,
    );
    const bytes = this.bytes(length);
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch (cause) {
      throw new FoveaError('bad-file', 'a text is not valid UTF-8', { cause });
    }
  }

  /** The text up to the end of its line. */
  line(): string {
    const rest = this.#bytes.subarray(this.#position, this.#position + MAX_LINE_BYTES);
    const length = rest.indexOf(NEWLINE);
    check(length >= 0, 'bad-file', () => `a line has no end within ${MAX_LINE_BYTES} bytes`);
    const text = this.text(length);
    this.#advance(1);
    return text;
  }

  /** A whole number of `length` bytes, the sign in the last. */
  integer(length: number): number {
    const bytes = this.bytes(length);
    check(length <= 8, 'bad-file', () => `a whole number has ${length} bytes, more than 8`);
    const bits = bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
    const value = Number(BigInt.asIntN(8 * length, bits));
    check(Number.isSafeInteger(value), 'bad-file', () => `a whole number is about ${value}, beyond 2⁵³`);
    return value;
  }

  /** Where the next `length` bytes start. */
  #advance(length: number): number {
    const start = this.#position;
    const left = this.#bytes.length - start;
    check(
      length <= left,
      'bad-file',
      () =>
        `${counted(length, 'byte')} should follow, but ${counted(left, 'does', 'do')}: the file is cut short`,
    );
    this.#position += length;
    return start;
  }
}
