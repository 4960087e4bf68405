/**
 * @file The tensors that callers want written into a file, checked.
 */

import {
  ARRAY,
  checkArgument,
  checkProperties,
  isObject,
  isPlain,
  type OptionRules,
  oneOf,
  type Rule,
  required,
  STRING,
  whole,
} from '../arguments.ts';
import { counted } from '../counted.ts';
import { check } from '../errors.ts';
import { sizeOf } from '../shape/shape.ts';
import { ELEMENT_ARRAYS, type ElementType, elementTypeOf, type HostTensor } from './element-types.ts';

/** A tensor to be written. */
export interface SafetensorsInput {
  /** Its element type, that of `data` by default: U8 for a Uint8Array. */
  readonly dtype?: ElementType;
  /** Extents, outermost first. */
  readonly shape: readonly number[];
  /** Its elements in row-major order, as many as the shape has. */
  readonly data: HostTensor['data'] | Float32Array;
}

const ARRAY_TYPES = Object.values(ELEMENT_ARRAYS);
const ENTRY: OptionRules<SafetensorsInput> = {
  dtype: oneOf(...Object.keys(ELEMENT_ARRAYS)),
  shape: required({
    holds: (value) => Array.isArray(value) && value.every(whole(0).holds),
    words: 'an array of extents',
  }),
  data: required({
    holds: (value) => ARRAY_TYPES.some((Type) => value instanceof Type),
    words: 'a typed array',
  }),
};
const TENSORS: Rule = {
  holds: (value) => isObject(value) && Symbol.iterator in value,
  words: 'a list of [name, { dtype, shape, data }]',
};

/** Free texts by key, as files keep them beside their tensors. */
export const TEXTS: Rule = {
  holds: (value) => isObject(value) && isPlain(value) && Object.values(value).every(STRING.holds),
  words: 'an object of strings',
};

/**
 * The tensors that `what` is given, with their element types. Throws 'invalid-argument' for what are no tensors and for a name that occurs
 * twice, 'dtype-mismatch' where an array is not of the element type, 'shape-mismatch' where it is not as long as the shape says.
 */
export function checkTensorList(
  what: string,
  tensors: Iterable<readonly [string, SafetensorsInput]>,
): [name: string, tensor: HostTensor][] {
  checkArgument(`the tensors of ${what}`, tensors, TENSORS);
  const names = new Set<string>();
  return [...tensors].map((entry) => {
    checkArgument(`an entry of ${what}`, entry, ARRAY);
    const [name, tensor] = entry;
    checkArgument('the name of a tensor', name, STRING);
    checkProperties(`tensor ${name}`, tensor, ENTRY);
    check(!names.has(name), 'invalid-argument', () => `Two tensors are named "${name}": names are unique.`);
    names.add(name);
    return [name, withElementType(name, tensor)];
  });
}

function withElementType(name: string, tensor: SafetensorsInput): HostTensor {
  const { dtype = elementTypeOf(tensor.data), shape, data } = tensor;
  check(data instanceof ELEMENT_ARRAYS[dtype], 'dtype-mismatch', () => {
    return `Tensor "${name}" is said to be ${dtype}, kept in ${ELEMENT_ARRAYS[dtype].name}, but is ${data.constructor.name}.`;
  });
  const size = sizeOf(shape);
  check(size === data.length, 'shape-mismatch', () => {
    return `Tensor "${name}" has shape [${shape.join(', ')}], ${counted(size, 'element')}, but ${counted(data.length, 'was', 'were')} given.`;
  });
  return { dtype, shape, data } as HostTensor;
}
