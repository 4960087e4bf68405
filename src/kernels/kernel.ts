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
import { BUFFER_DECLARATIONS, type BufferDeclaration, declareBuffers } from './buffers.ts';
import { DefinedPlan, GRID, type KernelFeature, type KernelPlan, type SharedPlan } from './plan.ts';
import { declareUniforms, encodeUniforms, type UniformTypes } from './uniforms.ts';
import { include, PIECES, type Piece } from './wgsl.ts';

const MULTIPLY_ADDS: Rule = {
  holds: (value) => (value as number) >= 0 && Number.isFinite(value),
  words: 'a number from 0',
};

/** What a constant that a kernel is specialised on may be. */
export type Constant = string | number | boolean;

/** Constants that a kernel is specialised on, by exact names: a misspelt one must not print `undefined` into WGSL. */
export type Variant<V> = { readonly [Name in keyof V]: Constant };

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
