/**
 * @file Bind groups, kept while they are in use.
 *
 * Work that is repeated meets the same ones. Work whose shapes vary makes new ones for ever, and a driver has room for so
 * many: Mesa's crashes beyond about 10⁵. So they are kept in two generations: when the young one is full, what was not
 * used since the last time is forgotten.
 */

import { check } from '../errors.ts';
import type { Access } from '../kernels/buffers.ts';
import type { KernelPlan } from '../kernels/plan.ts';
import type { BufferSlice, DeviceBuffer } from './buffer-pool.ts';
import type { Pipeline } from './pipelines.ts';
import type { TexelCopy } from './texel-copies.ts';
import { UNIFORM_SLOT } from './uniform-ring.ts';

/** Offsets into a buffer that every device can bind at. */
const OFFSET_ALIGNMENT = 256;

/** What a kernel's storage binding is bound to. */
export type Bound = BufferSlice | TexelCopy;

/** A training step of ResNet-152 needs about 1 000. */
const GENERATION = 8192;

/** The bind groups of a device, by layout and what is bound. */
export class BindGroupCache {
  readonly #device: GPUDevice;
  readonly #uniforms: GPUBuffer;
  readonly #generation: number;
  #young = new Map<string, GPUBindGroup>();
  #old = new Map<string, GPUBindGroup>();
  #created = 0;

  /** @param generation how many are kept at least, and half of how many at most */
  constructor(device: GPUDevice, uniforms: GPUBuffer, generation = GENERATION) {
    this.#device = device;
    this.#uniforms = uniforms;
    this.#generation = generation;
  }

  /** How many are kept. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /** How many bind groups were created. */
  get created(): number {
    return this.#created;
  }

  /** The bind group of these bindings for this pipeline. */
  get(pipeline: Pipeline, bindings: readonly Bound[]): GPUBindGroup {
    let key = pipeline.layoutKey;
    for (const bound of bindings) key += keyOf(bound);
    const known = this.#young.get(key);
    if (known) return known;
    const group = this.#old.get(key) ?? this.#create(pipeline, bindings);
    this.#old.delete(key);
    if (this.#young.size >= this.#generation) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, group);
    return group;
  }

  /** Forgets the bind groups that hold `buffer`. */
  forgetBuffer(buffer: DeviceBuffer): void {
    this.#forget(buffer.key);
  }

  /** Forgets the bind groups that hold `copy`. */
  forgetTexture(copy: TexelCopy): void {
    this.#forget(copy.textureKey);
  }

  #forget(part: string): void {
    for (const generation of [this.#young, this.#old])
      for (const key of generation.keys()) if (key.includes(part)) generation.delete(key);
  }

  #create(pipeline: Pipeline, bindings: readonly Bound[]): GPUBindGroup {
    checkBindings(pipeline.plan, bindings);
    this.#created++;
    const entries: GPUBindGroupEntry[] = bindings.map((bound, binding) => ({
      binding,
      resource:
        'texture' in bound
          ? bound.view
          : { buffer: bound.buffer.gpu, offset: bound.offset, size: bound.bytes },
    }));
    entries.push({ binding: bindings.length, resource: { buffer: this.#uniforms, size: UNIFORM_SLOT } });
    return this.#device.createBindGroup({ layout: pipeline.layout, entries });
  }
}

/** Asked for every binding of every dispatch: most begin at the beginning of a buffer. */
function keyOf(bound: Bound): string {
  if ('texture' in bound) return bound.textureKey;
  const { buffer, offset, bytes } = bound;
  return offset === 0 ? buffer.key + bytes : `${buffer.key}${offset}:${bytes}`;
}

/** Throws 'invalid-argument' for what WebGPU would refuse: an odd offset, or a buffer that is written and bound twice. */
function checkBindings({ name, access, names }: KernelPlan, bindings: readonly Bound[]): void {
  bindings.forEach((bound, i) => {
    if ('texture' in bound) return;
    check(bound.offset % OFFSET_ALIGNMENT === 0, 'invalid-argument', () => {
      return `kernel ${name}: ${names[i]} begins at byte ${bound.offset} of its buffer: make that a multiple of ${OFFSET_ALIGNMENT}`;
    });
    if (access[i] !== 'read_write') return;
    const twin = bindings.findIndex((other, j) => j !== i && clash(bound, other, access[j]!));
    check(twin < 0, 'invalid-argument', () => {
      return `kernel ${name} writes ${names[i]}, which shares its buffer with ${names[twin]}: give it memory of its own`;
    });
  });
}

/** Whether `b` may not be bound beside `a`, which is written: a buffer that is written is read nowhere, not even elsewhere in it. */
function clash(a: BufferSlice, b: Bound, access: Access): boolean {
  if ('texture' in b || a.buffer !== b.buffer) return false;
  return access === 'read' || (a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes);
}
