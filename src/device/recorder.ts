/**
 * @file Records dispatches and copies and submits them in few batches.
 */

import type { BufferSlice } from './buffer-pool.ts';
import type { Profiler } from './profiler.ts';
import type { UniformRing } from './uniform-ring.ts';

/**
 * Dispatches a submit. Few submits cost little, but the first one should reach the GPU while later ones are
 * still being recorded, and none may run so long that the operating system resets the card.
 */
const DISPATCHES_PER_SUBMIT = 100;

/** One dispatch, ready to be recorded. */
export interface Dispatch {
  readonly name: string;
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  readonly uniforms: ArrayBuffer;
  readonly workgroups: readonly [number, number, number];
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
  #encoder: GPUCommandEncoder | undefined;
  #pass: GPUComputePassEncoder | undefined;
  #pending = 0;
  #dispatches = 0;
  #submits = 0;

  constructor(device: GPUDevice, uniforms: UniformRing, profiler: Profiler | undefined) {
    this.#device = device;
    this.#uniforms = uniforms;
    this.profiler = profiler;
  }

  /** The counters. */
  get statistics(): RecorderStatistics {
    return { dispatches: this.#dispatches, submits: this.#submits };
  }

  /** Records a dispatch. */
  dispatch({ name, pipeline, bindGroup, uniforms, workgroups }: Dispatch): void {
    if (this.#pending >= DISPATCHES_PER_SUBMIT || this.#uniforms.full) this.flush();
    const pass = this.#openPass(name);
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup, [this.#uniforms.push(uniforms)]);
    pass.dispatchWorkgroups(...workgroups);
    if (this.profiler) this.#closePass();
    this.#pending++;
    this.#dispatches++;
  }

  /** Records a copy of `from`'s bytes into `to`, at `toOffset` bytes. */
  copy(from: BufferSlice, to: GPUBuffer, toOffset: number): void {
    this.#open().copyBufferToBuffer(from.buffer.gpu, from.offset, to, toOffset, from.bytes);
  }

  /** Records a copy of a buffer's texels into a texture. */
  copyToTexture(from: GPUTexelCopyBufferInfo, to: GPUTexelCopyTextureInfo, size: GPUExtent3DStrict): void {
    this.#open().copyBufferToTexture(from, to, size);
  }

  /** Records filling a slice with zeros. */
  clear({ buffer, offset, bytes }: BufferSlice): void {
    this.#open().clearBuffer(buffer.gpu, offset, bytes);
  }

  /** Submits what is recorded. */
  flush(): void {
    if (!this.#encoder) return;
    this.#closePass();
    this.profiler?.resolve(this.#encoder);
    this.#uniforms.write();
    this.#device.queue.submit([this.#encoder.finish()]);
    this.#encoder = undefined;
    this.#pending = 0;
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
