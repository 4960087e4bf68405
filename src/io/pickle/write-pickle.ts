/**
 * @file Writes pickles of protocol 2, which every Python from 2.3 on reads: dicts of texts, numbers and NumPy's arrays.
 *
 * Protocol 2 has no bytes; Python 3 writes them as `_codecs.encode(text, 'latin1')`, of a text with a character a byte.
 */

import { check } from '../../errors.ts';
import { elementCount } from '../strided.ts';
import * as op from './opcodes.ts';

/** An array of type f4 or i4. */
export interface PickledArray {
  /** Extents, outermost first. */
  readonly shape: readonly number[];
  /** In row-major order. */
  readonly data: Float32Array | Int32Array;
}

/** What can be written. */
export type Picklable = string | number | PickledArray | ReadonlyMap<string, Picklable>;

const PROTOCOL = 2;
const encoder = new TextEncoder();

/** The bytes of a pickle. Whole numbers are written as such where they have 32 bits, else as floats. */
export function writePickle(value: Picklable): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.of(op.PROTO, PROTOCOL)];
  writeValue(parts, value);
  parts.push(Uint8Array.of(op.STOP));
  return concatenated(parts);
}

function writeValue(parts: Uint8Array[], value: Picklable): void {
  if (typeof value === 'string') writeText(parts, encoder.encode(value));
  else if (typeof value === 'number') writeNumber(parts, value);
  else if (value instanceof Map) writeDict(parts, value);
  else writeArray(parts, value as PickledArray);
}

function writeDict(parts: Uint8Array[], entries: ReadonlyMap<string, Picklable>): void {
  parts.push(Uint8Array.of(op.EMPTY_DICT, op.MARK));
  for (const [key, value] of entries) {
    writeValue(parts, key);
    writeValue(parts, value);
  }
  parts.push(Uint8Array.of(op.SETITEMS));
}

function writeNumber(parts: Uint8Array[], value: number): void {
  const isShort = (value | 0) === value;
  const view = new DataView(new ArrayBuffer(isShort ? 5 : 9));
  view.setUint8(0, isShort ? op.BININT : op.BINFLOAT);
  if (isShort) view.setInt32(1, value, true);
  else view.setFloat64(1, value, false);
  parts.push(new Uint8Array(view.buffer));
}

/** `_reconstruct(ndarray, (0,), b'b')`, then its state `(1, shape, dtype, False, bytes)`: what `ndarray.__reduce__` gives. */
function writeArray(parts: Uint8Array[], { shape, data }: PickledArray): void {
  check(data.length === elementCount(shape), 'shape-mismatch', () => {
    return `an array of shape [${shape.join(', ')}] takes ${elementCount(shape)} values, but has ${data.length}`;
  });
  writeGlobal(parts, 'numpy.core.multiarray', '_reconstruct');
  writeGlobal(parts, 'numpy', 'ndarray');
  writeNumber(parts, 0);
  parts.push(Uint8Array.of(op.TUPLE1));
  writeBytes(parts, encoder.encode('b'));
  parts.push(Uint8Array.of(op.TUPLE3, op.REDUCE));

  parts.push(Uint8Array.of(op.MARK));
  writeNumber(parts, 1);
  parts.push(Uint8Array.of(op.MARK));
  for (const extent of shape) writeNumber(parts, extent);
  parts.push(Uint8Array.of(op.TUPLE));
  writeType(parts, data instanceof Float32Array ? 'f4' : 'i4');
  parts.push(Uint8Array.of(op.NEWFALSE));
  writeBytes(parts, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  parts.push(Uint8Array.of(op.TUPLE, op.BUILD));
}

/** `dtype('f4', 0, 1)` with the state `(3, '<', None, None, None, -1, -1, 0)`. */
function writeType(parts: Uint8Array[], name: 'f4' | 'i4'): void {
  writeGlobal(parts, 'numpy', 'dtype');
  writeValue(parts, name);
  parts.push(Uint8Array.of(op.NEWFALSE, op.NEWTRUE, op.TUPLE3, op.REDUCE, op.MARK));
  writeNumber(parts, 3);
  writeValue(parts, '<');
  parts.push(Uint8Array.of(op.NONE, op.NONE, op.NONE));
  for (const number of [-1, -1, 0]) writeNumber(parts, number);
  parts.push(Uint8Array.of(op.TUPLE, op.BUILD));
}

function writeGlobal(parts: Uint8Array[], module: string, name: string): void {
  parts.push(Uint8Array.of(op.GLOBAL), encoder.encode(`${module}\n${name}\n`));
}

function writeBytes(parts: Uint8Array[], bytes: Uint8Array): void {
  writeGlobal(parts, '_codecs', 'encode');
  writeText(parts, utf8OfLatin1(bytes));
  writeValue(parts, 'latin1');
  parts.push(Uint8Array.of(op.TUPLE2, op.REDUCE));
}

function writeText(parts: Uint8Array[], utf8: Uint8Array): void {
  const header = new DataView(new ArrayBuffer(5));
  header.setUint8(0, op.BINUNICODE);
  header.setUint32(1, utf8.length, true);
  parts.push(new Uint8Array(header.buffer), utf8);
}

/** Each byte as a character in UTF-8. */
function utf8OfLatin1(bytes: Uint8Array): Uint8Array {
  let long = 0;
  for (let i = 0; i < bytes.length; i++) long += bytes[i]! >> 7;
  const utf8 = new Uint8Array(bytes.length + long);
  let at = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (byte < 0x80) utf8[at++] = byte;
    else {
      utf8[at++] = 0xc0 | (byte >> 6);
      utf8[at++] = 0x80 | (byte & 0x3f);
    }
  }
  return utf8;
}

/** The parts one after another. */
export function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
