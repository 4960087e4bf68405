/**
 * @file Dispatches: a plan's pipeline and bind group are looked up or made, and recorded.
 */

import { FoveaError } from '../errors.ts';
import type { KernelPlan } from '../kernels/plan.ts';
import { BindGroupCache, type Bound } from './bind-groups.ts';
import type { BufferSlice, DeviceBuffer } from './buffer-pool.ts';
import { workOf } from './pace.ts';
import { type Pipeline, PipelineCache } from './pipelines.ts';
import type { Dispatch, Recorder } from './recorder.ts';
import { TexelCopies } from './texel-copies.ts';
import type { Verdict, Verdicts } from './verdicts.ts';

/** What a dispatcher works with. */
export interface DispatcherParts {
  readonly recorder: Recorder;
  /** The buffer that the recorder puts uniforms into. */
  readonly uniforms: GPUBuffer;
  /** Takes what is known of a kernel only later. */
  readonly verdicts: Verdicts;
  /** Whether the WGSL of every plan is compared with what was compiled under its key. */
  readonly thorough: boolean;
}

/** Records the dispatches of a device. */
export class Dispatcher {
  readonly pipelines: PipelineCache;
  readonly texelCopies: TexelCopies;
  readonly #gpu: GPUDevice;
  readonly #bindGroups: BindGroupCache;
  readonly #recorder: Recorder;
  readonly #verdicts: Verdicts;

  constructor(gpu: GPUDevice, { recorder, uniforms, verdicts, thorough }: DispatcherParts) {
    this.#gpu = gpu;
    this.#recorder = recorder;
    this.#verdicts = verdicts;
    this.pipelines = new PipelineCache(gpu, thorough);
    this.#bindGroups = new BindGroupCache(gpu, uniforms);
    this.texelCopies = new TexelCopies(gpu, recorder, (copy) => this.#bindGroups.forgetTexture(copy));
  }

  /** How many bind groups were created. */
  get bindGroupsCreated(): number {
    return this.#bindGroups.created;
  }

  /** Forgets what holds `buffer`, which is destroyed. */
  forgetBuffer(buffer: DeviceBuffer): void {
    this.#bindGroups.forgetBuffer(buffer);
  }

  /** Records `plan` on `slices`. */
  run(plan: KernelPlan, slices: readonly BufferSlice[]): void {
    const pipeline = this.pipelines.get(plan);
    const bindGroup = this.#bindGroups.get(pipeline, this.#bindings(plan, slices));
    const { name, uniforms, workgroups, multiplyAdds = 0, divisible = false } = plan;
    const work = workOf(multiplyAdds, bytesOf(slices));
    const dispatch = { name, pipeline: pipeline.gpu, bindGroup, uniforms, workgroups, work, divisible };
    if (pipeline.verdict) this.#runApart(pipeline, pipeline.verdict, dispatch);
    else this.#recorder.dispatch(dispatch);
    for (let i = 0; i < slices.length; i++)
      if (plan.access[i] === 'read_write') this.texelCopies.invalidate(slices[i]!);
  }

  /** Submits a dispatch alone: if its kernel turns out not to compile, nothing else is lost with it. */
  #runApart({ plan }: Pipeline, compiles: Verdict, dispatch: Dispatch): void {
    this.#recorder.flush();
    this.#gpu.pushErrorScope('validation');
    this.#recorder.dispatch(dispatch);
    this.#recorder.flush();
    const refused = this.#gpu.popErrorScope().then(
      (error) => error && new FoveaError('validation', `kernel ${plan.name} was refused: ${error.message}`),
      () => undefined, // The device is lost: every call of it throws that.
    );
    this.#verdicts.add(compiles.then(async (error) => error ?? (await refused) ?? undefined));
  }

  /** What `plan` is shown of `slices`: themselves, or copies of them as textures. */
  #bindings({ access, textures }: KernelPlan, slices: readonly BufferSlice[]): readonly Bound[] {
    if (!access.includes('texture')) return slices;
    return slices.map((slice, i) =>
      access[i] === 'texture' ? this.texelCopies.bind(textures[i]!, slice) : slice,
    );
  }
}

function bytesOf(slices: readonly BufferSlice[]): number {
  let sum = 0;
  for (const { bytes } of slices) sum += bytes;
  return sum;
}
