/**
 * @file What a device has of one `GPUDevice` of WebGPU's, and loses with it: the command stream, what is compiled and bound, and the
 * watch for failures. A device that is opened again has another one.
 */

import type { BufferPool, BufferSlice } from './buffer-pool.ts';
import { Dispatcher } from './dispatcher.ts';
import { FailureWatch } from './failure.ts';
import { Pace } from './pace.ts';
import type { Profiler } from './profiler.ts';
import { Readback } from './readback.ts';
import { Recorder } from './recorder.ts';
import type { Timing } from './timing.ts';
import { Transfers } from './transfers.ts';
import { UniformRing } from './uniform-ring.ts';
import { Verdicts } from './verdicts.ts';

/** How a device is run. */
export interface ConnectionOptions {
  /** Measures every kernel, if any. */
  readonly profiler: Profiler | undefined;
  /** Whether the WGSL of every plan is compared with what was compiled under its key. */
  readonly thorough: boolean;
  /** Waits for a promise of WebGPU's. */
  readonly rest: <T>(promise: Promise<T>) => Promise<T>;
}

/** The parts of a device that work with one `GPUDevice`. */
export class Connection {
  readonly gpu: GPUDevice;
  readonly recorder: Recorder;
  readonly dispatcher: Dispatcher;
  readonly transfers: Transfers;
  readonly readback: Readback;
  readonly verdicts = new Verdicts();
  readonly failure: FailureWatch;
  readonly #pace = new Pace();
  readonly #rest: ConnectionOptions['rest'];
  #timing: Promise<Timing> | undefined;

  constructor(gpu: GPUDevice, pool: BufferPool, { profiler, thorough, rest }: ConnectionOptions) {
    this.gpu = gpu;
    this.failure = new FailureWatch(gpu, () => pool.statistics.bytesInUse);
    this.#rest = rest;
    const uniforms = new UniformRing(gpu);
    this.recorder = new Recorder(gpu, {
      uniforms,
      pace: this.#pace,
      profiler,
    });
    this.dispatcher = new Dispatcher(gpu, {
      recorder: this.recorder,
      uniforms: uniforms.buffer,
      verdicts: this.verdicts,
      thorough,
    });
    this.transfers = new Transfers(gpu.queue, pool, this.recorder, this.dispatcher.texelCopies);
    this.readback = new Readback(gpu, this.recorder);
  }

  /** Measures work; loaded when that is first asked for. */
  get timing(): Promise<Timing> {
    this.#timing ??= import('./timing.ts').then(({ Timing }) => new Timing(this.gpu, this.recorder, this));
    return this.#timing;
  }

  /** Resolves when all that was recorded before is done. */
  async finished(): Promise<void> {
    this.failure.check();
    this.recorder.flush();
    await this.settle(this.#pace.during(this.gpu.queue.onSubmittedWorkDone()));
  }

  /** The bytes of each slice, as they are after all that was recorded before. */
  read(slices: readonly BufferSlice[]): Promise<ArrayBuffer[]> {
    return this.settle(this.#pace.during(this.readback.read(slices)));
  }

  /** Waits for something of WebGPU's, for the verdicts on what was recorded before it, and for whether anything failed. */
  async settle<T>(promise: Promise<T>): Promise<T> {
    const [result] = await this.wait(Promise.all([promise, this.verdicts.tell(), this.failure.settled()]));
    return result;
  }

  /** Waits for something of WebGPU's alone. */
  async wait<T>(promise: Promise<T>): Promise<T> {
    try {
      const result = await this.#rest(promise);
      this.failure.check();
      return result;
    } catch (error) {
      throw await this.failure.explain(error);
    }
  }
}
