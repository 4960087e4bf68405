/**
 * @file Pipelines and bind groups, each created once.
 */

import { check, FoveaError } from '../errors.ts';
import type { Access, KernelPlan } from '../kernels/kernel.ts';
import type { BufferSlice, DeviceBuffer } from './buffer-pool.ts';
import { ShaderStage } from './constants.ts';
import type { TexelCopy } from './texel-copies.ts';
import { UNIFORM_SLOT } from './uniform-ring.ts';

/** A compiled kernel. */
export interface Pipeline {
  /** Unique in its device; part of bind-group keys. */
  readonly layoutKey: string;
  readonly layout: GPUBindGroupLayout;
  readonly gpu: GPUComputePipeline;
}

/** The pipelines of a device, by the keys of their plans. */
export class PipelineCache {
  readonly #device: GPUDevice;
  readonly #pipelines = new Map<string, Pipeline>();
  readonly #layouts = new Map<string, GPUBindGroupLayout>();

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** How many pipelines were created. */
  get size(): number {
    return this.#pipelines.size;
  }

  /** The pipeline of a plan, compiled now if it is not there. */
  get(plan: KernelPlan): Pipeline {
    const known = this.#pipelines.get(plan.key);
    if (known) return known;
    const { layoutKey, layout, descriptor } = this.#describe(plan);
    const pipeline = { layoutKey, layout, gpu: this.#device.createComputePipeline(descriptor) };
    this.#pipelines.set(plan.key, pipeline);
    return pipeline;
  }

  /** Compiles the pipelines of `plans` that are not there yet, all at the same time. */
  async prepare(plans: Iterable<KernelPlan>): Promise<void> {
    const missing = new Map<string, KernelPlan>();
    for (const plan of plans) if (!this.#pipelines.has(plan.key)) missing.set(plan.key, plan);
    await Promise.all(
      [...missing].map(async ([key, plan]) => {
        const { layoutKey, layout, descriptor } = this.#describe(plan);
        try {
          const gpu = await this.#device.createComputePipelineAsync(descriptor);
          this.#pipelines.set(key, { layoutKey, layout, gpu });
        } catch (cause) {
          throw new FoveaError('validation', `kernel ${key} does not compile: ${cause}`, { cause });
        }
      }),
    );
  }

  #describe(plan: KernelPlan) {
    for (const feature of plan.features) {
      check(
        this.#device.features.has(feature),
        'unsupported',
        () => `kernel ${plan.name} needs the WebGPU feature '${feature}', which this device lacks`,
      );
    }
    const layoutKey = plan.access.join();
    const layout = this.#layout(layoutKey, plan.access);
    const descriptor: GPUComputePipelineDescriptor = {
      label: plan.key,
      layout: this.#device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: {
        module: this.#device.createShaderModule({ label: plan.key, code: plan.wgsl() }),
        entryPoint: 'main',
      },
    };
    return { layoutKey, layout, descriptor };
  }

  #layout(key: string, access: readonly Access[]): GPUBindGroupLayout {
    let layout = this.#layouts.get(key);
    if (!layout) {
      const storage = access.map(
        (mode, binding): GPUBindGroupLayoutEntry => ({
          binding,
          visibility: ShaderStage.COMPUTE,
          ...bindingLayout(mode),
        }),
      );
      const uniforms: GPUBindGroupLayoutEntry = {
        binding: access.length,
        visibility: ShaderStage.COMPUTE,
        buffer: { type: 'uniform', hasDynamicOffset: true },
      };
      layout = this.#device.createBindGroupLayout({ entries: [...storage, uniforms] });
      this.#layouts.set(key, layout);
    }
    return layout;
  }
}

function bindingLayout(access: Access): Pick<GPUBindGroupLayoutEntry, 'buffer' | 'storageTexture'> {
  if (access === 'texture') return { storageTexture: { access: 'read-only', format: 'rgba32float' } };
  return { buffer: { type: access === 'read' ? 'read-only-storage' : 'storage' } };
}

/** What a kernel's storage binding is bound to. */
export type Bound = BufferSlice | TexelCopy;

/** The bind groups of a device, by layout and what is bound. */
export class BindGroupCache {
  readonly #device: GPUDevice;
  readonly #uniforms: GPUBuffer;
  readonly #groups = new Map<string, GPUBindGroup>();
  #created = 0;

  constructor(device: GPUDevice, uniforms: GPUBuffer) {
    this.#device = device;
    this.#uniforms = uniforms;
  }

  /** How many bind groups were created. */
  get created(): number {
    return this.#created;
  }

  /** The bind group of these bindings for this pipeline. */
  get(pipeline: Pipeline, bindings: readonly Bound[]): GPUBindGroup {
    let key = pipeline.layoutKey;
    for (const bound of bindings) {
      key +=
        'texture' in bound ? textureKey(bound) : `${bufferKey(bound.buffer)}${bound.offset}:${bound.bytes}`;
    }
    let group = this.#groups.get(key);
    if (!group) {
      group = this.#create(pipeline, bindings);
      this.#groups.set(key, group);
    }
    return group;
  }

  /** Forgets the bind groups that hold `buffer`. */
  forgetBuffer(buffer: DeviceBuffer): void {
    this.#forget(bufferKey(buffer));
  }

  /** Forgets the bind groups that hold `copy`. */
  forgetTexture(copy: TexelCopy): void {
    this.#forget(textureKey(copy));
  }

  #forget(part: string): void {
    for (const key of this.#groups.keys()) if (key.includes(part)) this.#groups.delete(key);
  }

  #create(pipeline: Pipeline, bindings: readonly Bound[]): GPUBindGroup {
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

const bufferKey = ({ id }: DeviceBuffer): string => `|${id}:`;
const textureKey = ({ textureId }: TexelCopy): string => `|t${textureId}:`;
