/**
 * @file Writes pickles of protocol 2, which every Python from 2.3 on reads.
 */

import { concatenated } from '../bytes.ts';
import * as op from './opcodes.ts';

export { concatenated } from '../bytes.ts';

const PROTOCOL = 2;
const encoder = new TextEncoder();

/** Puts a pickle together, value by value. */
export class PickleWriter {
  readonly #parts: Uint8Array[] = [Uint8Array.of(op.PROTO, PROTOCOL)];

  /** All that was written, and the end. Nothing may be written afterwards. */
  finish(): Uint8Array {
    this.operation(op.STOP);
    return concatenated(this.#parts);
  }

  operation(...opcodes: number[]): void {
    this.#parts.push(Uint8Array.from(opcodes));
  }

  /** A whole number of 32 bits is written as such, all else as a float. */
  number(value: number): void {
    const isShort = (value | 0) === value;
    const view = new DataView(new ArrayBuffer(isShort ? 5 : 9));
    view.setUint8(0, isShort ? op.BININT : op.BINFLOAT);
    if (isShort) view.setInt32(1, value, true);
    else view.setFloat64(1, value, false);
    this.#parts.push(new Uint8Array(view.buffer));
  }

  text(text: string): void {
    this.utf8(encoder.encode(text));
  }

  /** A text that stands in UTF-8 already. */
  utf8(bytes: Uint8Array): void {
    const header = new DataView(new ArrayBuffer(5));
    header.setUint8(0, op.BINUNICODE);
    header.setUint32(1, bytes.length, true);
    this.#parts.push(new Uint8Array(header.buffer), bytes);
  }

  global(module: string, name: string): void {
    this.#parts.push(Uint8Array.of(op.GLOBAL), encoder.encode(`${module}\n${name}\n`));
  }

  /** A tuple of what `write` writes. */
  tuple(write: () => void): void {
    this.operation(op.MARK);
    write();
    this.operation(op.TUPLE);
  }

  numbers(values: readonly number[]): void {
    this.tuple(() => {
      for (const value of values) this.number(value);
    });
  }

  /** A dict whose values `write` writes. */
  dict<T>(entries: Iterable<readonly [string, T]>, write: (value: T) => void): void {
    this.operation(op.EMPTY_DICT, op.MARK);
    for (const [key, value] of entries) {
      this.text(key);
      write(value);
    }
    this.operation(op.SETITEMS);
  }
}
