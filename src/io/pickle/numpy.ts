/**
 * @file NumPy's arrays in pickles: the globals that they need, and what these make.
 *
 * Source: NumPy's `numpy/_core/src/multiarray/methods.c` (`array_setstate`) and `descriptor.c` (`arraydescr_setstate`).
 */

import { counted } from '../../counted.ts';
import { check } from '../../errors.ts';
import { sizeOf } from '../../shape/shape.ts';
import {
  bytesPerElement,
  decodeElements,
  type ElementArray,
  type HostTensor,
  type StoredType,
  widened,
} from '../element-types.ts';
import { denseStrides, gatherStrided } from '../strided.ts';
import { type PickleGlobal, type PickleGlobals, PickleObject } from './machine.ts';
import { Allowance } from './python.ts';

/** NumPy's names of element types, without the byte order. */
const STORED_TYPES: Readonly<Record<string, StoredType>> = {
  f2: 'F16',
  f4: 'F32',
  f8: 'F64',
  i1: 'I8',
  i2: 'I16',
  i4: 'I32',
  i8: 'I64',
  u1: 'U8',
  u2: 'U16',
  u4: 'U32',
  u8: 'U64',
  b1: 'BOOL',
};
/** How many axes an array of NumPy may have. */
const MAX_AXES = 64;

/** `numpy.dtype`. */
class NumpyType extends PickleObject {
  bigEndian = false;

  constructor(readonly stored: StoredType) {
    super();
  }

  /** `(version, byte order, …)`; what follows is of types with parts, of which there are none here. */
  override build(state: unknown): void {
    const order: unknown = Array.isArray(state) ? state[1] : undefined;
    check(
      order === '<' || order === '>' || order === '|' || order === '=',
      'bad-file',
      () => 'a dtype has no byte order',
    );
    this.bigEndian = order === '>';
  }
}

/** `numpy.ndarray`; empty until its state has come. */
export class NumpyArray extends PickleObject {
  readonly #allowance: Allowance;
  #tensor: HostTensor | undefined;

  constructor(allowance: Allowance) {
    super();
    this.#allowance = allowance;
  }

  /** What it holds. Throws 'bad-file' where its state has not come. */
  get tensor(): HostTensor {
    check(this.#tensor !== undefined, 'bad-file', () => 'an array has no contents');
    return this.#tensor;
  }

  /** `(version, shape, dtype, is in Fortran's order, bytes)`. */
  override build(state: unknown): void {
    check(
      Array.isArray(state) && state.length === 5,
      'bad-file',
      () => 'the state of an array has not five parts',
    );
    const [, shape, type, isFortran, contents] = state as unknown[];
    check(isShape(shape), 'bad-file', () => 'an array has a shape that is not a tuple of whole numbers');
    check(type instanceof NumpyType, 'bad-file', () => 'an array has no dtype');
    if (typeof contents === 'string') this.#allowance.take(contents.length);
    const bytes = typeof contents === 'string' ? encodeLatin1(contents) : contents;
    check(bytes instanceof Uint8Array, 'bad-file', () => 'an array holds objects instead of numbers');
    const expected = sizeOf(shape) * bytesPerElement(type.stored);
    check(bytes.length === expected, 'bad-file', () => {
      return `an array of shape [${shape.join(', ')}] and type ${type.stored} takes ${counted(expected, 'byte')}, but has ${bytes.length}`;
    });
    this.#allowance.take(expected);
    const elements: ElementArray = decodeElements(type.stored, bytes, type.bigEndian);
    const strides = denseStrides(shape, 'F');
    const data =
      isFortran === true ? gatherStrided('an array', elements, { shape, strides, offset: 0 }) : elements;
    this.#tensor = { dtype: widened(type.stored), shape, data } as HostTensor;
  }
}

const NDARRAY: PickleGlobal = {};

const DTYPE: PickleGlobal = {
  call([text]) {
    const name = String(text).replace(/^[<>|=]/, '');
    const stored = Object.hasOwn(STORED_TYPES, name) ? STORED_TYPES[name] : undefined;
    check(stored !== undefined, 'bad-file', () => {
      return `an array has the dtype ${String(text).slice(0, 20)}; known are ${Object.keys(STORED_TYPES).join(', ')}`;
    });
    const type = new NumpyType(stored);
    type.bigEndian = String(text).startsWith('>');
    return type;
  },
};

/** A single number of NumPy's. */
const SCALAR: PickleGlobal = {
  call([type, bytes]) {
    const isOne = type instanceof NumpyType && bytes instanceof Uint8Array;
    check(
      isOne && bytes.length === bytesPerElement(type.stored),
      'bad-file',
      () => 'a number of NumPy has no value',
    );
    return Number(decodeElements(type.stored, bytes, type.bigEndian)[0]);
  },
};

/**
 * The globals of a pickle with NumPy's arrays, in a file of `length` bytes. Each of these is of one array, and is encoded once where
 * protocol 2 has it as a text: what would take more is refused.
 */
export function numpyGlobals(length: number): PickleGlobals {
  const allowance = new Allowance(2 * length);
  const encode: PickleGlobal = {
    call([text, encoding]) {
      check(typeof text === 'string' && encoding === 'latin1', 'bad-file', () => {
        return '_codecs.encode is called with something else than a text and latin1';
      });
      allowance.take(text.length);
      return encodeLatin1(text);
    },
  };
  const reconstruct: PickleGlobal = { call: () => new NumpyArray(allowance) };
  return {
    'numpy ndarray': NDARRAY,
    'numpy dtype': DTYPE,
    'numpy.core.multiarray _reconstruct': reconstruct,
    'numpy._core.multiarray _reconstruct': reconstruct,
    'numpy.core.multiarray scalar': SCALAR,
    'numpy._core.multiarray scalar': SCALAR,
    '_codecs encode': encode,
  };
}

/** Whether this is a list of extents. */
export function isShape(shape: unknown): shape is number[] {
  return (
    Array.isArray(shape) &&
    shape.length <= MAX_AXES &&
    shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0)
  );
}

function encodeLatin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    check(code <= 0xff, 'bad-file', () => 'a text that stands for bytes has a character that is none');
    bytes[i] = code;
  }
  return bytes;
}
