/**
 * @file Records dispatches and copies and submits them in few batches.
 */

import { gridParts } from '../kernels/grid.ts';
import type { BufferSlice } from './buffer-pool.ts';
import { type Pace, workOf } from './pace.ts';
import type { Profiler } from './profiler.ts';
import type { UniformRing } from './uniform-ring.ts';

/**
 * Dispatches per submit. Few submits cost little, but the first one should reach the GPU while later ones are still being
 * recorded. Where that would be too much work for the adapter (pace.ts), they are fewer.
 */
const DISPATCHES_PER_SUBMIT = 100;

/** One dispatch, ready to be recorded. */
export interface Dispatch {
  readonly name: string;
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  readonly uniforms: ArrayBuffer;
  readonly workgroups: readonly [number, number, number];
  /** What it is estimated to cost, by {@link workOf}. */
  readonly work: number;
  /** Whether its grid can be run in parts, see `KernelPlan.divisible`. */
  readonly divisible: boolean;
}

/** What a recorder works with. */
export interface RecorderParts {
  readonly uniforms: UniformRing;
  /** Says how much work a submit may hold. */
  readonly pace: Pace;
  /** Measures every dispatch, if any. */
  readonly profiler: Profiler | undefined;
}

/** Counters since the device was created. */
export interface RecorderStatistics {
  readonly dispatches: number;
  readonly submits: number;
}

/** The command stream of a device. */
export class Recorder {
  /** Measures every dispatch, where set. To be changed right after a flush. */
  profiler: Profiler | undefined;
  readonly #device: GPUDevice;
  readonly #uniforms: UniformRing;
  readonly #pace: Pace;
  #encoder: GPUCommandEncoder | undefined;
  #pass: GPUComputePassEncoder | undefined;
  /** What is recorded and not submitted. */
  #pending = 0;
  #work = 0;
  #dispatches = 0;
  #submits = 0;

  constructor(device: GPUDevice, { uniforms, pace, profiler }: RecorderParts) {
    this.#device = device;
    this.#uniforms = uniforms;
    this.#pace = pace;
    this.profiler = profiler;
  }

  /** The counters. */
  get statistics(): RecorderStatistics {
    return { dispatches: this.#dispatches, submits: this.#submits };
  }

  /** Records a dispatch: in parts, each in a submit of its own, if it is more than one should hold and can be divided. */
  dispatch(dispatch: Dispatch): void {
    const { workgroups, work, divisible } = dispatch;
    const most = this.#pace.workPerSubmit;
    if (!divisible || work <= most) {
      this.#record(dispatch, workgroups, 0, work);
      return;
    }
    const parts = gridParts(workgroups, Math.ceil(work / most));
    for (const part of parts) this.#record(dispatch, part.workgroups, part.first, work / parts.length);
  }

  /** Records workgroups of a dispatch, those from number `first` on. */
  #record(
    { name, pipeline, bindGroup, uniforms }: Dispatch,
    workgroups: Dispatch['workgroups'],
    first: number,
    work: number,
  ): void {
    if (this.#pending >= DISPATCHES_PER_SUBMIT || this.#uniforms.full || this.#exceeds(work)) this.flush();
    const pass = this.#openPass(name);
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup, [this.#uniforms.push(uniforms, first)]);
    pass.dispatchWorkgroups(...workgroups);
    if (this.profiler) this.#closePass();
    this.#work += work;
    this.#pending++;
    this.#dispatches++;
  }

  /** Whether so much more work is too much for the submit. */
  #exceeds(work: number): boolean {
    return this.#work > 0 && this.#work + work > this.#pace.workPerSubmit;
  }

  /** Records a copy of `from`'s bytes into `to`, at `toOffset` bytes. */
  copy(from: BufferSlice, to: GPUBuffer, toOffset: number): void {
    this.#open().copyBufferToBuffer(from.buffer.gpu, from.offset, to, toOffset, from.bytes);
    this.#work += workOf(0, 2 * from.bytes);
  }

  /** Records a copy of a buffer's texels, of `bytes`, into a texture. */
  copyToTexture(
    from: GPUTexelCopyBufferInfo,
    to: GPUTexelCopyTextureInfo,
    size: GPUExtent3DStrict,
    bytes: number,
  ): void {
    this.#open().copyBufferToTexture(from, to, size);
    this.#work += workOf(0, 2 * bytes);
  }

  /** Records filling a slice with zeros. */
  clear({ buffer, offset, bytes }: BufferSlice): void {
    this.#open().clearBuffer(buffer.gpu, offset, bytes);
    this.#work += workOf(0, bytes);
  }

  /** Submits what is recorded. */
  flush(): void {
    if (!this.#encoder) return;
    this.#closePass();
    this.profiler?.resolve(this.#encoder);
    this.#uniforms.write();
    this.#device.queue.submit([this.#encoder.finish()]);
    this.#pace.submitted(this.#work);
    this.#encoder = undefined;
    this.#pending = 0;
    this.#work = 0;
    this.#submits++;
  }

  #open(): GPUCommandEncoder {
    this.#closePass();
    this.#encoder ??= this.#device.createCommandEncoder();
    return this.#encoder;
  }

  #openPass(name: string): GPUComputePassEncoder {
    if (this.#pass) return this.#pass;
    this.#encoder ??= this.#device.createCommandEncoder();
    const timestampWrites = this.profiler?.begin(name);
    this.#pass = this.#encoder.beginComputePass(timestampWrites && { timestampWrites });
    return this.#pass;
  }

  #closePass(): void {
    this.#pass?.end();
    this.#pass = undefined;
  }
}
