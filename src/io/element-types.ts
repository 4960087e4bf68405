/**
 * @file Types of elements as files name them, and the arrays that hold them.
 */

/** The element types that arrays hold, by safetensors' names; `BOOL` is one byte an element, 0 or 1. */
export const ELEMENT_ARRAYS = {
  F64: Float64Array,
  I64: BigInt64Array,
  U64: BigUint64Array,
  F32: Float32Array,
  I32: Int32Array,
  U32: Uint32Array,
  I16: Int16Array,
  U16: Uint16Array,
  I8: Int8Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
} as const;

/** An element type that an array holds. */
export type ElementType = keyof typeof ELEMENT_ARRAYS;

/** An element type of a file: `F16` and `BF16` are widened to `F32`. */
export type StoredType = ElementType | 'F16' | 'BF16';

/** A tensor on the host. */
export type HostTensor = {
  [D in ElementType]: {
    /** Its element type. */
    readonly dtype: D;
    /** Extents, outermost first. */
    readonly shape: readonly number[];
    /** Its elements in row-major order. */
    readonly data: InstanceType<(typeof ELEMENT_ARRAYS)[D]>;
  };
}[ElementType];

/** The array of a {@link HostTensor}. */
export type ElementArray = HostTensor['data'];

/** The element type of an array: `U8` for a Uint8Array. */
export function elementTypeOf(data: ElementArray | Float32Array): ElementType {
  const types = Object.keys(ELEMENT_ARRAYS) as ElementType[];
  return types.find((type) => data instanceof ELEMENT_ARRAYS[type])!;
}

/** Whether a file's name for an element type is known here. */
export function isStoredType(name: string): name is StoredType {
  return isHalf(name) || Object.hasOwn(ELEMENT_ARRAYS, name);
}

/** Bytes an element. */
export function bytesPerElement(type: StoredType): number {
  return isHalf(type) ? 2 : ELEMENT_ARRAYS[type].BYTES_PER_ELEMENT;
}

/** The type that elements of `type` have in an array. */
export function widened(type: StoredType): ElementType {
  return isHalf(type) ? 'F32' : type;
}

/** The elements in `bytes`, whose length is a multiple of an element's, in memory of their own. */
export function decodeElements(type: StoredType, bytes: Uint8Array, bigEndian = false): ElementArray {
  // Uint8Array's slice copies; that of its subclass Buffer would not.
  const copy = Uint8Array.prototype.slice.call(bytes);
  const size = bytesPerElement(type);
  if (bigEndian) for (let at = 0; at < copy.length; at += size) copy.subarray(at, at + size).reverse();
  if (!isHalf(type)) return new ELEMENT_ARRAYS[type](copy.buffer);
  const halves = new Uint16Array(copy.buffer);
  const floats = new Float32Array(halves.length);
  const values = (halfValues[type] ??= Float32Array.from({ length: 2 ** 16 }, (_, bits) => {
    return type === 'F16' ? widenF16(bits) : widenBF16(bits);
  }));
  for (let i = 0; i < halves.length; i++) floats[i] = values[halves[i]!]!;
  return floats;
}

/** The value of each pattern of 16 bits, once asked for. */
const halfValues: Partial<Record<'F16' | 'BF16', Float32Array>> = {};

function isHalf(type: string): type is 'F16' | 'BF16' {
  return type === 'F16' || type === 'BF16';
}

/** The value of an IEEE 754 binary16: 1 sign bit, 5 of exponent (bias 15), 10 of fraction. */
function widenF16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const f32 = new Float32Array(1);
const f32Bits = new Uint32Array(f32.buffer);

/** The value of a bfloat16: the upper half of an f32. */
function widenBF16(bits: number): number {
  f32Bits[0] = bits << 16;
  return f32[0]!;
}
