/**
 * @file Element types, and values on the host: typed arrays, and plain arrays of numbers, flat or nested.
 */

import { describe, oneOf, type Rule } from '../arguments.ts';
import { check } from '../errors.ts';
import { formatShape, type Shape } from '../shape/shape.ts';

/** The array type of each element type. */
export const DTYPES = {
  f32: Float32Array,
  i32: Int32Array,
  u32: Uint32Array,
  u8: Uint8Array,
} as const;

/** An element type. */
export type DType = keyof typeof DTYPES;

/** A {@link DType}. */
export const DTYPE: Rule = oneOf(...Object.keys(DTYPES));

/** The array that a tensor's elements are read into. */
export type TensorData = Float32Array | Int32Array | Uint32Array | Uint8Array;

/** The array that elements of type `D` are read into: `Float32Array` for `'f32'`. */
export type DataOf<D extends DType> = {
  /** Floating-point numbers of 32 bits. */
  readonly f32: Float32Array;
  /** Integers of 32 bits. */
  readonly i32: Int32Array;
  /** Integers of 32 bits, without a sign. */
  readonly u32: Uint32Array;
  /** Bytes. */
  readonly u8: Uint8Array;
}[D];

/** Numbers, or arrays of them that are all of one length: `[[1, 2, 3], [4, 5, 6]]`. */
export type NestedNumbers = readonly number[] | readonly NestedNumbers[];

/** What a tensor can be made of. */
export type TensorValues =
  | TensorData
  | Float64Array
  | Int8Array
  | Int16Array
  | Uint16Array
  | Uint8ClampedArray
  | NestedNumbers;

type TypedArray = Exclude<TensorValues, NestedNumbers>;

/** The element type of a tensor that is made of values of type `V`, as `dtypeOf` finds it. */
export type DTypeOf<V extends TensorValues> = V extends Int32Array
  ? 'i32'
  : V extends Uint32Array
    ? 'u32'
    : V extends Uint8Array | Uint8ClampedArray
      ? 'u8'
      : 'f32';

/** The element type of a tensor that is made of `values` unless another is asked for: their own where there is such a one. */
export function dtypeOf(values: TensorValues): DType {
  if (values instanceof Uint8ClampedArray) return 'u8';
  const found = Object.entries(DTYPES).find(([, Type]) => values instanceof Type);
  return (found?.[0] as DType | undefined) ?? 'f32';
}

/** `[length]` of flat values, the extents of nested ones by their first elements. */
export function shapeOfValues(values: TensorValues): number[] {
  const shape: number[] = [];
  let part: unknown = values;
  do {
    check(
      isTypedArray(part) || Array.isArray(part),
      'invalid-argument',
      () => `the values of a tensor are ${describe(part)}: give a typed array or an array of numbers`,
    );
    shape.push(part.length);
    part = part[0];
  } while (Array.isArray(part));
  return shape;
}

/**
 * Values of shape `shape` as elements of type `dtype`: rounded to f32, where they may be infinite then, or themselves.
 * Throws 'invalid-argument', naming the first that is no number or that an integer type does not hold, and 'shape-mismatch'
 * where nested arrays differ in length.
 */
export function elementsOf(values: TensorValues, shape: Shape, dtype: DType): TensorData {
  const Type = DTYPES[dtype];
  if (values instanceof Type) return values;
  const numbers = isTypedArray(values) ? values : flatten(values, shape);
  const elements: TensorData = Type.from(numbers);
  if (dtype === 'f32') return elements;
  for (let i = 0; i < elements.length; i++)
    check(
      elements[i] === numbers[i],
      'invalid-argument',
      () => `value ${i} of a tensor is ${numbers[i]}, which ${dtype} does not hold: round or clamp it first`,
    );
  return elements;
}

function flatten(values: NestedNumbers, shape: Shape): number[] {
  const flat: number[] = [];
  const visit = (part: unknown, axis: number): void => {
    if (axis < shape.length) {
      check(
        Array.isArray(part) && part.length === shape[axis],
        'shape-mismatch',
        () =>
          `the values of a tensor are nested as ${formatShape(shape)}, but within axis ${axis - 1} one is ` +
          `${Array.isArray(part) ? `an array of ${part.length}` : describe(part)}: make all of them arrays of ${shape[axis]}`,
      );
      for (let i = 0; i < part.length; i++) visit(part[i], axis + 1); // not forEach, which passes over holes
      return;
    }
    check(
      typeof part === 'number',
      'invalid-argument',
      () => `value ${flat.length} of a tensor is ${describe(part)}: it must be a number`,
    );
    flat.push(part);
  };
  visit(values, 0);
  return flat;
}

/** Whether these are numbers in an array of a fixed type, which those of 64-bit integers are not. */
function isTypedArray(values: unknown): values is TypedArray {
  if (!ArrayBuffer.isView(values) || values instanceof DataView) return false;
  return !(values instanceof BigInt64Array || values instanceof BigUint64Array);
}
