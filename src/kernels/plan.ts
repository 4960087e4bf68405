/**
 * @file A plan: one dispatch of a kernel, as pure numbers and WGSL made on demand. Plans with equal keys share a pipeline.
 */

import { isObject, type Rule } from '../arguments.ts';
import type { Access } from './buffers.ts';
import { isIndex } from './uniforms.ts';

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

/** What the plans of one variant share. */
export type SharedPlan = Required<
  Omit<KernelPlan, 'uniforms' | 'workgroups' | 'multiplyAdds' | typeof BUFFERS>
>;

/** A plan as `defineKernel` makes it, in no need of checks. */
export class DefinedPlan<B> implements KernelPlan<B> {
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
export const GRID: Rule = {
  holds: (value) =>
    Array.isArray(value) && value.length === 3 && isIndex(value[0]) && isIndex(value[1]) && isIndex(value[2]),
  words: 'three whole numbers [x, y, z], as threadGrid() gives them',
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
