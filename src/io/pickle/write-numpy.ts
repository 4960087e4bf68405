/**
 * @file Writes pickled dicts of texts, numbers and NumPy's arrays, as Python 3 does in protocol 2.
 *
 * That protocol has no bytes: they are written as `_codecs.encode(text, 'latin1')`, of a text with a character a byte.
 */

import { counted } from '../../counted.ts';
import { check } from '../../errors.ts';
import { sizeOf } from '../../shape/shape.ts';
import * as op from './opcodes.ts';
import { PickleWriter } from './write-pickle.ts';

/** An array of type f4 or i4. */
export interface PickledArray {
  /** Extents, outermost first. */
  readonly shape: readonly number[];
  /** In row-major order. */
  readonly data: Float32Array | Int32Array;
}

/** What can be written. */
export type Picklable = string | number | PickledArray | ReadonlyMap<string, Picklable>;

/** The bytes of a pickle. */
export function writePickle(value: Picklable): Uint8Array {
  const writer = new PickleWriter();
  writeValue(writer, value);
  return writer.finish();
}

function writeValue(writer: PickleWriter, value: Picklable): void {
  if (typeof value === 'string') writer.text(value);
  else if (typeof value === 'number') writer.number(value);
  else if (value instanceof Map) writer.dict<Picklable>(value, (inner) => writeValue(writer, inner));
  else writeArray(writer, value as PickledArray);
}

/** `_reconstruct(ndarray, (0,), b'b')`, then its state `(1, shape, dtype, False, bytes)`: what `ndarray.__reduce__` gives. */
function writeArray(writer: PickleWriter, { shape, data }: PickledArray): void {
  check(data.length === sizeOf(shape), 'shape-mismatch', () => {
    return `an array of shape [${shape.join(', ')}] takes ${counted(sizeOf(shape), 'value')}, but has ${data.length}`;
  });
  writer.global('numpy.core.multiarray', '_reconstruct');
  writer.tuple(() => {
    writer.global('numpy', 'ndarray');
    writer.numbers([0]);
    writeBytes(writer, new TextEncoder().encode('b'));
  });
  writer.operation(op.REDUCE);
  writer.tuple(() => {
    writer.number(1);
    writer.numbers(shape);
    writeType(writer, data instanceof Float32Array ? 'f4' : 'i4');
    writer.operation(op.NEWFALSE);
    writeBytes(writer, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  });
  writer.operation(op.BUILD);
}

/** `dtype('f4', False, True)` with the state `(3, '<', None, None, None, -1, -1, 0)`. */
function writeType(writer: PickleWriter, name: 'f4' | 'i4'): void {
  writer.global('numpy', 'dtype');
  writer.tuple(() => {
    writer.text(name);
    writer.operation(op.NEWFALSE, op.NEWTRUE);
  });
  writer.operation(op.REDUCE);
  writer.tuple(() => {
    writer.number(3);
    writer.text('<');
    writer.operation(op.NONE, op.NONE, op.NONE);
    for (const value of [-1, -1, 0]) writer.number(value);
  });
  writer.operation(op.BUILD);
}

function writeBytes(writer: PickleWriter, bytes: Uint8Array): void {
  writer.global('_codecs', 'encode');
  writer.tuple(() => {
    writer.utf8(utf8OfLatin1(bytes));
    writer.text('latin1');
  });
  writer.operation(op.REDUCE);
}

/** Each byte as a character in UTF-8. Loops by index: a ResNet-50 has a hundred million. */
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
