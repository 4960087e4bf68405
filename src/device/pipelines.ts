/**
 * @file Pipelines, each created once.
 */

import { check, FoveaError } from '../errors.ts';
import type { Access } from '../kernels/buffers.ts';
import type { KernelPlan } from '../kernels/plan.ts';
import { ShaderStage } from './constants.ts';
import { checkSameKernel, compileError, sharesCode, sourceOf } from './kernel-source.ts';
import type { Verdict } from './verdicts.ts';

/** A compiled kernel, or one that is being compiled. */
export interface Pipeline {
  /** The plan it was compiled for; those of equal keys are compared with it. */
  readonly plan: KernelPlan;
  /** The WGSL that was compiled. */
  readonly source: string;
  /** Unique in its device; part of bind-group keys. */
  readonly layoutKey: string;
  readonly layout: GPUBindGroupLayout;
  readonly gpu: GPUComputePipeline;
  /** The verdict on it, until it is known to compile. */
  verdict: Verdict | undefined;
  /** Why it does not. */
  error: FoveaError | undefined;
}

/** The pipelines of a device, by the keys of their plans. */
export class PipelineCache {
  readonly #device: GPUDevice;
  /** Whether the WGSL of every plan is compared, not only of those that come with another function. */
  readonly #thorough: boolean;
  readonly #pipelines = new Map<string, Pipeline>();
  readonly #layouts = new Map<string, GPUBindGroupLayout>();

  constructor(device: GPUDevice, thorough: boolean) {
    this.#device = device;
    this.#thorough = thorough;
  }

  /** How many pipelines were created. */
  get size(): number {
    return this.#pipelines.size;
  }

  /**
   * The pipeline of a plan, compiled now if it is not there. Throws 'validation' where it is known not to compile,
   * 'invalid-argument' where it is another kernel's under the same key.
   */
  get(plan: KernelPlan): Pipeline {
    const known = this.#pipelines.get(plan.key);
    if (!known) return this.#compile(plan);
    if (this.#thorough || !sharesCode(known.plan, plan)) checkSameKernel(known.plan, known.source, plan);
    if (known.error) throw known.error;
    return known;
  }

  /** Compiles the pipelines of `plans` that are not there yet, all at the same time. */
  async prepare(plans: Iterable<KernelPlan>): Promise<void> {
    const missing = [...plans].filter((plan) => !this.#pipelines.has(plan.key));
    await Promise.all(missing.map((plan) => this.#prepare(plan)));
  }

  async #prepare(plan: KernelPlan): Promise<void> {
    const { creating, verdict, module, ...described } = this.#create(plan, (descriptor) =>
      this.#device.createComputePipelineAsync(descriptor),
    );
    const created = creating.catch(({ message }: Error) => compileError(described, module, message));
    const [error, gpu] = await Promise.all([verdict, created]);
    if (error) throw error;
    if (gpu instanceof FoveaError) throw gpu;
    this.#pipelines.set(plan.key, { ...described, gpu, verdict: undefined, error: undefined });
  }

  #compile(plan: KernelPlan): Pipeline {
    const {
      creating,
      verdict,
      module: _,
      ...described
    } = this.#create(plan, (descriptor) => this.#device.createComputePipeline(descriptor));
    const pipeline: Pipeline = { ...described, gpu: creating, verdict, error: undefined };
    this.#pipelines.set(plan.key, pipeline);
    void verdict.then((error) => {
      pipeline.verdict = undefined;
      pipeline.error = error;
    });
    return pipeline;
  }

  /** Starts creating the pipeline of a plan, and gathers the errors, which WebGPU reports later. */
  #create<T>(plan: KernelPlan, create: (descriptor: GPUComputePipelineDescriptor) => T) {
    for (const feature of plan.features) {
      check(
        this.#device.features.has(feature),
        'unsupported',
        () => `kernel ${plan.name} needs the WebGPU feature '${feature}', which this device lacks`,
      );
    }
    const source = sourceOf(plan);
    this.#device.pushErrorScope('validation');
    this.#device.pushErrorScope('internal');
    const layoutKey = plan.access.join();
    const layout = this.#layout(layoutKey, plan.access);
    const module = this.#device.createShaderModule({ label: plan.key, code: source });
    const creating = create({
      label: plan.key,
      layout: this.#device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module, entryPoint: 'main' },
    });
    const verdict: Verdict = this.#popErrors().then(
      (error) => (error ? compileError({ plan, source }, module, error.message) : undefined),
      () => undefined, // The device is lost: every call of it throws that.
    );
    return { plan, source, layoutKey, layout, module, creating, verdict };
  }

  async #popErrors(): Promise<GPUError | null> {
    const [internal, validation] = await Promise.all([
      this.#device.popErrorScope(),
      this.#device.popErrorScope(),
    ]);
    return validation ?? internal;
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
