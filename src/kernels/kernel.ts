/**
 * @file What a kernel is: WGSL and numbers, made by pure functions, without a GPU.
 *
 * A kernel is defined once with its buffers, its uniforms and a body that may depend on a *variant*: the
 * constants that multiply code (kernel size, stride, tile, fused epilogue). What multiplies shapes (batch,
 * height, width, channels) is a uniform. A plan is one dispatch of it: plans with equal keys share a pipeline.
 */

import {
  BOOLEAN,
  checkArgument,
  checkOptions,
  FUNCTION,
  isObject,
  listOf,
  OBJECT,
  type OptionRules,
  oneOf,
  type Rule,
  required,
  STRING,
} from '../arguments.ts';
import { check } from '../errors.ts';
import { declareUniforms, encodeUniforms, isIndex, type UniformTypes } from './uniforms.ts';
import { include, PIECES, type Piece } from './wgsl.ts';

export { uniformsOf } from './uniforms.ts';

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

/** Carries a type, no value. */
declare const BUFFERS: unique symbol;

/** A WebGPU feature that a kernel needs. */
export type KernelFeature = 'subgroups';

/** The facts of an adapter that the choice among kernels depends on. */
export interface KernelTarget {
  /** Whether the adapter computes on the CPU, where loads are expensive. */
  readonly software: boolean;
  /** The subgroup size that every kernel has, 0 where it varies or there are no subgroups. */
  readonly subgroupLanes: number;
  /** Whether kernels can read storage textures, see `readsTexels`. */
  readonly readableTextures: boolean;
  /** How many sums a thread can keep in registers: 64; 32 or 16 where they would spill, or leave room for too few threads. */
  readonly sumsPerThread: 16 | 32 | 64;
}

/** One dispatch of a kernel whose buffers are `B`. */
export interface KernelPlan<out B = unknown> {
  /** @internal Never set: it carries the type of the buffers. */
  readonly [BUFFERS]?: B;
  /** The kernel's name, as in profiles: `conv2d.forward`. */
  readonly name: string;
  /** Name and variant: plans with equal keys have equal WGSL. */
  readonly key: string;
  /** Makes the shader's source; called once per pipeline. Its entry point is `main`. */
  readonly wgsl: () => string;
  /** The access of each storage buffer, in binding order; the uniforms are the binding after them. */
  readonly access: readonly Access[];
  /** The name of each storage buffer, in binding order. */
  readonly names: readonly string[];
  /** Which texture copy each storage buffer is bound to, where its access is 'texture'. */
  readonly textures: readonly (string | undefined)[];
  /** The uniforms' bytes. */
  readonly uniforms: ArrayBuffer;
  /** How many workgroups are dispatched along each axis. */
  readonly workgroups: readonly [x: number, y: number, z: number];
  /** The WebGPU features that the WGSL enables. */
  readonly features: readonly KernelFeature[];
  /**
   * Vows that the kernel writes zeros into the padding of all that it writes: channels up to a multiple of 4 (channels-last
   * and filters). Without it `run` clears that after a kernel of the user's own. False by default.
   */
  readonly writesPadding?: boolean;
  /** Multiply-adds of the dispatch, by which and by the bytes of its buffers the device tells how long it will take; 0 by default. */
  readonly multiplyAdds?: number;
  /**
   * Whether a part of the grid can be run by itself: the last word of the uniforms is the number of the part's first
   * workgroup. False by default.
   */
  readonly divisible?: boolean;
}

/** A plan as {@link defineKernel} makes it, in no need of checks. */
class DefinedPlan<B> implements KernelPlan<B> {
  readonly name: string;
  readonly key: string;
  readonly wgsl: () => string;
  readonly access: readonly Access[];
  readonly names: readonly string[];
  readonly textures: readonly (string | undefined)[];
  readonly uniforms: ArrayBuffer;
  readonly workgroups: readonly [number, number, number];
  readonly features: readonly KernelFeature[];
  readonly writesPadding: boolean;
  readonly multiplyAdds: number;
  readonly divisible: boolean;

  constructor(
    shared: SharedPlan,
    uniforms: ArrayBuffer,
    workgroups: readonly [x: number, y: number, z: number],
    multiplyAdds: number,
  ) {
    this.name = shared.name;
    this.key = shared.key;
    this.wgsl = shared.wgsl;
    this.access = shared.access;
    this.names = shared.names;
    this.textures = shared.textures;
    this.uniforms = uniforms;
    this.workgroups = workgroups;
    this.features = shared.features;
    this.writesPadding = shared.writesPadding;
    this.multiplyAdds = multiplyAdds;
    this.divisible = shared.divisible;
  }
}

/** Asked for every plan, so that it makes nothing. */
const GRID: Rule = {
  holds: (value) =>
    Array.isArray(value) && value.length === 3 && isIndex(value[0]) && isIndex(value[1]) && isIndex(value[2]),
  words: 'three whole numbers [x, y, z], as threadGrid() gives them',
};

const MULTIPLY_ADDS: Rule = {
  holds: (value) => (value as number) >= 0 && Number.isFinite(value),
  words: 'a number from 0',
};

/** A {@link KernelPlan}. */
export const PLAN: Rule = {
  holds: (value) => value instanceof DefinedPlan || isPlan(value),
  words: 'a KernelPlan, as the function that defineKernel() returns makes them',
};

function isPlan(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { name, key, wgsl, access, names, textures, uniforms, workgroups, features } = value as KernelPlan;
  return (
    [name, key].every((text) => typeof text === 'string') &&
    typeof wgsl === 'function' &&
    [access, names, textures, features].every(Array.isArray) &&
    uniforms instanceof ArrayBuffer &&
    GRID.holds(workgroups)
  );
}

/** What a constant that a kernel is specialised on may be. */
export type Constant = string | number | boolean;

/** Constants that a kernel is specialised on, by exact names: a misspelt one must not print `undefined` into WGSL. */
export type Variant<V> = { readonly [Name in keyof V]: Constant };

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

/** The definition of a kernel. */
export interface KernelDefinition<V extends Variant<V>, U extends UniformTypes, B> {
  /** `op.pass`, or `op.pass.algorithm` where there are several. */
  readonly name: string;
  /** The storage buffers by name; a function where a variant may lack some. */
  readonly buffers: B | ((variant: V) => B);
  /** The uniforms; in WGSL `u.name`. */
  readonly uniforms: U;
  /** WGSL directives such as `enable subgroups;` follow from these. */
  readonly features?: readonly KernelFeature[];
  /** See {@link KernelPlan.writesPadding}. */
  readonly writesPadding?: boolean;
  /**
   * Lets the device run the grid in parts where it would keep the adapter busy for too long in one go. The WGSL counts its
   * workgroups from `firstWorkgroup()` then, as {@link threadEntry} and {@link workgroupEntry} do. False by default.
   */
  readonly divisible?: boolean;
  /** The pieces of WGSL that the body uses, see {@link piece}; a function where that depends on the variant. None by default. */
  readonly uses?: readonly Piece[] | ((variant: V) => readonly Piece[]);
  /** The WGSL below the declarations and the pieces, with the entry point `main`. */
  readonly body: (variant: V) => string;
}

/** Makes the plans of one kernel. Where it multiplies much for each byte, it is told its {@link KernelPlan.multiplyAdds}. */
export type PlanMaker<V extends Variant<V>, U extends UniformTypes, B> = (
  variant: V,
  uniforms: Readonly<Record<keyof U, number>>,
  workgroups: readonly [number, number, number],
  multiplyAdds?: number,
) => KernelPlan<B>;

/** What the plans of one variant share. */
type SharedPlan = Required<Omit<KernelPlan, 'uniforms' | 'workgroups' | 'multiplyAdds' | typeof BUFFERS>>;

const isDeclaration = (value: unknown): boolean =>
  value === undefined ||
  value === false ||
  (isObject(value) && typeof (value as BufferDeclaration).element === 'string');
const BUFFER_DECLARATIONS: Rule = {
  holds: (value) => isObject(value) && Object.values(value).every(isDeclaration),
  words: "an object of reads() and writes() by the buffers' names",
};
const UNIFORM_TYPES: Rule = {
  holds: (value) => isObject(value) && Object.values(value).every(oneOf('u32', 'i32', 'f32').holds),
  words: "an object of 'u32', 'i32' or 'f32' by the uniforms' names",
};
const DEFINITION: OptionRules<KernelDefinition<never, never, never>> = {
  name: required(STRING),
  buffers: required({
    holds: (value) => typeof value === 'function' || BUFFER_DECLARATIONS.holds(value),
    words: `${BUFFER_DECLARATIONS.words}, or a function of a variant that gives one`,
  }),
  uniforms: required(UNIFORM_TYPES),
  features: listOf(oneOf('subgroups'), "an array that may hold 'subgroups'"),
  writesPadding: BOOLEAN,
  divisible: BOOLEAN,
  uses: {
    holds: (value) => typeof value === 'function' || PIECES.holds(value),
    words: `${PIECES.words}, or a function of a variant that gives one`,
  },
  body: required(FUNCTION),
};

/**
 * Defines a kernel; returns the function that makes its plans of a variant, uniforms and a grid of workgroups: some
 * hundreds per training step, so that it is quick. Throws 'invalid-argument' for what is missing or misspelt, and where a plan
 * is given a uniform that its type does not hold; 'unsupported' where that is beyond 31 bits.
 */
export function defineKernel<
  const V extends Variant<V>,
  const U extends UniformTypes,
  B extends { readonly [Name in keyof B]: BufferDeclaration | undefined },
>(definition: KernelDefinition<V, U, B>): PlanMaker<V, U, B> {
  checkOptions('defineKernel', definition, DEFINITION);
  const { name, divisible = false } = definition;
  const variants = new Map<string, SharedPlan>();
  const uniformNames = Object.keys(definition.uniforms);
  return (variant, uniforms, workgroups, multiplyAdds = 0) => {
    const key = variantKey(name, variant);
    let shared = variants.get(key);
    if (!shared) {
      checkArgument(`the variant of kernel ${name}`, variant, OBJECT);
      shared = planVariant(definition, key, variant);
      variants.set(key, shared);
    }
    if (!GRID.holds(workgroups)) checkArgument(`the workgroups of kernel ${name}`, workgroups, GRID);
    if (!MULTIPLY_ADDS.holds(multiplyAdds))
      checkArgument(`the multiply-adds of kernel ${name}`, multiplyAdds, MULTIPLY_ADDS);
    const encoded = encodeUniforms(name, definition.uniforms, uniformNames, uniforms, divisible);
    return new DefinedPlan(shared, encoded, workgroups, multiplyAdds);
  };
}

function variantKey<V extends Variant<V>>(name: string, variant: V): string {
  let key = name;
  for (const constant in variant) key += ` ${constant}=${variant[constant]}`;
  return key;
}

function planVariant<V extends Variant<V>, U extends UniformTypes, B>(
  {
    name,
    buffers,
    uniforms,
    features = [],
    writesPadding = false,
    divisible = false,
    uses = [],
    body,
  }: KernelDefinition<V, U, B>,
  key: string,
  variant: V,
): SharedPlan {
  const given = typeof buffers === 'function' ? (buffers as (variant: V) => B)(variant) : buffers;
  checkArgument(`what buffers of kernel ${name} gives`, given, BUFFER_DECLARATIONS);
  const declared = Object.fromEntries(
    Object.entries(given as Readonly<Record<string, BufferDeclaration | undefined>>).flatMap(
      ([name, buffer]) => (buffer ? [[name, buffer]] : []),
    ),
  );
  const wgsl = () => {
    const code = [include(typeof uses === 'function' ? uses(variant) : uses), body(variant)].join('\n');
    check(
      !divisible || code.includes('firstWorkgroup()'),
      'invalid-argument',
      () =>
        `kernel ${name} is divisible, so it must count its workgroups from firstWorkgroup(), as threadEntry() does`,
    );
    return [
      ...features.map((feature) => `enable ${feature};`),
      ...declareBuffers(declared),
      declareUniforms(uniforms, Object.keys(declared).length, divisible),
      code,
    ].join('\n');
  };
  const access = Object.values(declared).map((buffer) => buffer.access);
  const textures = Object.values(declared).map(({ texture }) => texture);
  return {
    ...{ name, key, wgsl, access, names: Object.keys(declared) },
    ...{ textures, features, writesPadding, divisible },
  };
}

function declareBuffers(buffers: Buffers): string[] {
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
