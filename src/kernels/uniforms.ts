/**
 * @file The uniforms of a kernel: how they are declared in WGSL, and their bytes.
 *
 * Plans are made anew in every step. What they put together of several objects they put together by `Object.assign`: spreading
 * more than the first object takes V8 15 µs instead of 1, some 160 times per step of a ResNet-50.
 */

import { checkArgument, isObject, OBJECT } from '../arguments.ts';
import { FoveaError } from '../errors.ts';
import { checkIndexable, INDEX_LIMIT } from '../shape/shape.ts';

/** The type of a uniform in WGSL. */
export type UniformType = 'u32' | 'i32' | 'f32';

/** The types of uniforms by their names. */
export type UniformTypes = Readonly<Record<string, UniformType>>;

/** Uniforms of one type by their names. */
export function uniformsOf<Type extends UniformType, Name extends string>(
  type: Type,
  ...names: readonly Name[]
): Readonly<Record<Name, Type>> {
  return Object.fromEntries(names.map((name) => [name, type])) as Record<Name, Type>;
}

/**
 * WGSL: the uniforms as members of `u`, and `firstWorkgroup()`, the number of the first workgroup that runs: the last uniform
 * of a kernel that is `divisible`, else 0.
 */
export function declareUniforms(types: UniformTypes, binding: number, divisible: boolean): string {
  const members = Object.entries(types).map(([name, type]) => `${name}: ${type}`);
  if (divisible) members.push('firstWorkgroup: u32');
  const first = `fn firstWorkgroup() -> u32 { return ${divisible ? 'u.firstWorkgroup' : '0u'}; }`;
  if (members.length === 0) return first; // WGSL has no empty struct
  return `struct Uniforms { ${members.join(', ')} }\n@group(0) @binding(${binding}) var<uniform> u: Uniforms; ${first}`;
}

/** One f32 and its bits. */
const float = new Float32Array(1);
const floatBits = new Int32Array(float.buffer);

/** The bytes of the uniforms, little-endian as GPUs and all that run JavaScript are; the whole grid's where it is `divisible`. */
export function encodeUniforms(
  kernel: string,
  types: UniformTypes,
  names: readonly string[],
  values: Readonly<Record<string, number>>,
  divisible: boolean,
): ArrayBuffer {
  if (!isObject(values)) checkArgument(`the uniforms of kernel ${kernel}`, values, OBJECT);
  const words = new Int32Array(names.length + (divisible ? 1 : 0));
  for (let i = 0; i < names.length; i++) {
    const name = names[i]!;
    const type = types[name]!;
    const value = values[name]!;
    if (type === 'f32') {
      if (typeof value !== 'number') refuseUniform(`kernel ${kernel}: uniform ${name}`, type, value);
      float[0] = value;
      words[i] = floatBits[0]!;
      continue;
    }
    if (!isIndex(type === 'i32' ? Math.abs(value) : value))
      refuseUniform(`kernel ${kernel}: uniform ${name}`, type, value);
    words[i] = value;
  }
  return words.buffer;
}

/** Whether a number is an index that kernels can hold. */
export const isIndex = (value: number): boolean =>
  Number.isInteger(value) && value >= 0 && value < INDEX_LIMIT;

function refuseUniform(what: string, type: UniformType, value: number): never {
  if (Number.isInteger(value)) checkIndexable(Math.abs(value), what);
  throw new FoveaError(
    'invalid-argument',
    `${what} is ${value}, it must be a ${type === 'f32' ? '' : 'whole '}number (${type})`,
  );
}
