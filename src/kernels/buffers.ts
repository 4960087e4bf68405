/**
 * @file The storage buffers of a kernel: how they are declared, and what WGSL says of them.
 */

import { isObject, type Rule } from '../arguments.ts';

/** How a kernel uses a storage buffer; 'texture': it is bound to a copy as a texture. */
export type Access = 'read' | 'read_write' | 'texture';

/** A storage buffer of a kernel: its access and the WGSL type of its elements. */
export interface BufferDeclaration {
  /** What the kernel does with it. */
  readonly access: Access;
  /** `f32`, `vec4f`, `u32` …; in WGSL the buffer is an array of it. */
  readonly element: string;
  /** Which of the device's texture copies it is bound to; see `readsTexels`. */
  readonly texture?: string;
}

/** The storage buffers of a kernel by name, in binding order. */
export type Buffers = Readonly<Record<string, BufferDeclaration>>;

/** Buffers that a kernel always has, and those that only some of its variants have. */
export type BuffersOf<Always extends string, Sometimes extends string = never> = Readonly<
  Record<Always, BufferDeclaration> & Partial<Record<Sometimes, BufferDeclaration>>
>;

/** What a dispatch is given: a `T` for each of the buffers `B`; for those that a variant lacks nothing, or undefined. */
export type Bindings<B, T> = {
  readonly [Name in keyof B]: T | (undefined extends B[Name] ? undefined : never);
};

/** A buffer that the kernel reads. */
export const reads = (element: string): BufferDeclaration => ({ access: 'read', element });

/**
 * A buffer of vec4f that the kernel reads as a storage texture: WGSL sees `nameAt(index)` instead of `name[index]`. The
 * device copies the buffer into the texture called `texture` before the dispatch, unless that holds the same already:
 * kernels that read the same tensor should name the same. It pays where the adapter is software: Mesa's lavapipe checks the
 * bounds of a buffer for every element, but loads a texel without a branch, in a third of the time.
 */
export const readsTexels = (texture: string): BufferDeclaration => ({
  access: 'texture',
  element: 'vec4f',
  texture,
});

/** The texels of a row of such a texture; texel `i` of the buffer is in column `i % TEXELS_PER_ROW`. */
export const TEXELS_PER_ROW = 1024;

/** A buffer that the kernel writes, and may read. */
export const writes = (element: string): BufferDeclaration => ({ access: 'read_write', element });

const isDeclaration = (value: unknown): boolean =>
  value === undefined ||
  value === false ||
  (isObject(value) && typeof (value as BufferDeclaration).element === 'string');

/** The buffers of a kernel by name; a variant may lack some. */
export const BUFFER_DECLARATIONS: Rule = {
  holds: (value) => isObject(value) && Object.values(value).every(isDeclaration),
  words: "an object of reads() and writes() by the buffers' names",
};

/** The declarations in WGSL, in binding order. */
export function declareBuffers(buffers: Buffers): string[] {
  return Object.entries(buffers).map(([name, { access, element }], binding) =>
    access === 'texture'
      ? declareTexels(name, binding)
      : `@group(0) @binding(${binding}) var<storage, ${access}> ${name}: array<${element}>;`,
  );
}

function declareTexels(name: string, binding: number): string {
  return `@group(0) @binding(${binding}) var ${name}: texture_storage_2d<rgba32float, read>;
fn ${name}At(index: u32) -> vec4f {
  return textureLoad(${name}, vec2u(index % ${TEXELS_PER_ROW}u, index / ${TEXELS_PER_ROW}u));
}`;
}
