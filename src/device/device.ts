/**
 * @file A WebGPU device with all that fovea keeps per device: buffers, pipelines, the command stream.
 *
 * There is no global state: two devices in one process know nothing of each other.
 */

import { ARRAY, checkArgument, checkOptions, FUNCTION, isObject, type Rule, whole } from '../arguments.ts';
import { check, type FoveaError } from '../errors.ts';
import { type KernelPlan, type KernelTarget, PLAN } from '../kernels/kernel.ts';
import { poisonPlan } from '../kernels/results.ts';
import type { AdapterSource } from './adapter-source.ts';
import { BufferPool, type BufferSlice, type PoolStatistics } from './buffer-pool.ts';
import { checkDispatch } from './check-dispatch.ts';
import { Dispatcher } from './dispatcher.ts';
import { DISPOSE } from './disposal.ts';
import { DryRun } from './dry-run.ts';
import { FailureWatch } from './failure.ts';
import { type DeviceInfo, kernelTarget } from './info.ts';
import { open } from './open.ts';
import { DEVICE_OPTIONS, type DeviceOptions } from './options.ts';
import { Pace } from './pace.ts';
import { type KernelEvent, type KernelTime, Profiler, TIMESTAMPS } from './profiler.ts';
import { Readback } from './readback.ts';
import { Recorder } from './recorder.ts';
import { Timing } from './timing.ts';
import { Transfers } from './transfers.ts';
import { UniformRing } from './uniform-ring.ts';
import { Verdicts } from './verdicts.ts';

/** Counters of what a device did and holds. */
export interface DeviceStatistics extends PoolStatistics {
  /** Dispatches of kernels since the device was opened. */
  readonly dispatches: number;
  /** Submits to the queue since the device was opened. */
  readonly submits: number;
  /** Pipelines compiled since the device was opened. */
  readonly pipelinesCreated: number;
  /** Bind groups made since the device was opened. */
  readonly bindGroupsCreated: number;
}

const SOURCE: Rule = {
  holds: (value) => isObject(value) && typeof (value as AdapterSource).requestAdapter === 'function',
  words: 'an AdapterSource: call createDevice()',
};
const BYTE_COUNT = whole(0);
const VIEW: Rule = { holds: ArrayBuffer.isView, words: 'a typed array' };
/** Shows that a device is made by {@link Device.open}. */
const OPENED = Symbol('opened');

/** One GPU, or a software driver that stands in for one. */
export class Device {
  /** The adapter, its limits and its features. */
  readonly info: DeviceInfo;
  /** The facts of the adapter that the choice among kernels depends on. */
  readonly target: KernelTarget;
  /** Whether the user's own kernels are watched, see {@link DeviceOptions.checked}. */
  readonly checked: boolean;
  /** Where warnings go, see {@link DeviceOptions.onWarning}. */
  readonly onWarning: (message: string) => void;
  readonly #gpu: GPUDevice;
  readonly #pool: BufferPool;
  readonly #pace = new Pace();
  readonly #recorder: Recorder;
  readonly #dispatcher: Dispatcher;
  readonly #transfers: Transfers;
  readonly #readback: Readback;
  readonly #timing: Timing;
  readonly #verdicts = new Verdicts();
  readonly #failure: FailureWatch;
  /** How to wait for WebGPU. */
  readonly #wait: <T>(promise: Promise<T>) => Promise<T> = (promise) => promise;
  /** Where set, plans are collected here and nothing runs. */
  #dryRun: DryRun | undefined;

  /** Opens a device that has no kernels for convolutions; users call `createDevice`, or `openDevice` on a source of their own. */
  static async open(source: AdapterSource, options: DeviceOptions = {}): Promise<Device> {
    checkArgument('the source of Device.open', source, SOURCE);
    checkOptions('createDevice', options, DEVICE_OPTIONS);
    const { gpu, info } = await open(source, options);
    const device = new Device(OPENED, gpu, info, source, options);
    await device.finished(); // What was lost, or refused, while it was opened is told here.
    return device;
  }

  private constructor(
    opened: symbol,
    gpu: GPUDevice,
    info: DeviceInfo,
    source: AdapterSource,
    options: DeviceOptions,
  ) {
    check(
      opened === OPENED,
      'invalid-argument',
      () => 'a Device has no public constructor: await createDevice()',
    );
    this.#gpu = gpu;
    this.#failure = new FailureWatch(gpu, () => this.#pool.statistics.bytesInUse);
    this.info = info;
    this.checked = options.checked ?? false;
    this.onWarning = options.onWarning ?? ((message) => console.warn(`fovea: ${message}`));
    this.target = kernelTarget(info);
    if (source.rest && info.software) this.#wait = source.rest;
    const uniforms = new UniformRing(gpu);
    this.#recorder = new Recorder(gpu, {
      uniforms,
      pace: this.#pace,
      profiler: options.profile ? new Profiler(gpu) : undefined,
    });
    this.#dispatcher = new Dispatcher(gpu, {
      recorder: this.#recorder,
      uniforms: uniforms.buffer,
      verdicts: this.#verdicts,
      thorough: this.checked,
    });
    this.#pool = new BufferPool(gpu, {
      maxBufferBytes: gpu.limits.maxBufferSize,
      ...(options.memoryLimit === undefined ? {} : { memoryLimit: options.memoryLimit }),
      onCreate: () => this.#failure.look(),
      onDestroy: (buffer) => this.#dispatcher.forgetBuffer(buffer),
      beforeDestroy: () => this.#recorder.flush(),
    });
    this.#transfers = new Transfers(gpu.queue, this.#pool, this.#recorder, this.#dispatcher.texelCopies);
    this.#readback = new Readback(gpu, this.#recorder);
    this.#timing = new Timing(gpu, this.#recorder, {
      finished: () => this.finished(),
      settle: (promise) => this.#settle(promise),
    });
  }

  /** Counters of what the device did and holds. */
  get statistics(): DeviceStatistics {
    return {
      ...this.#pool.statistics,
      ...this.#recorder.statistics,
      pipelinesCreated: this.#dispatcher.pipelines.size,
      bindGroupsCreated: this.#dispatcher.bindGroupsCreated,
    };
  }

  /** Memory of at least `bytes`, its contents arbitrary. Give it back with {@link free}. */
  allocate(bytes: number): BufferSlice {
    this.#failure.check();
    checkArgument('bytes of allocate', bytes, BYTE_COUNT);
    const slice = this.#pool.acquire(bytes);
    if (this.checked) this.#poison(slice);
    return slice;
  }

  /** Fills a slice with a pattern that shows later whether it was written. */
  #poison({ buffer, bytes }: BufferSlice): void {
    const { maxStorageBufferBindingSize } = this.info.limits;
    const most = Math.max(256, maxStorageBufferBindingSize - (maxStorageBufferBindingSize % 256));
    for (let offset = 0; offset < bytes; offset += most) {
      const part = { buffer, offset, bytes: Math.min(most, bytes - offset) };
      this.run(poisonPlan(part.bytes), [part]);
    }
  }

  /** Gives memory back. Commands that were recorded before may still use it. */
  free(slice: BufferSlice): void {
    this.#pool.checkSlice('free', slice);
    this.#pool.release(slice.buffer);
  }

  /** Destroys the idle buffers. */
  trim(): void {
    this.#pool.trim();
  }

  /**
   * Writes `data` to the beginning of `slice`, after all that was recorded before and before all that comes.
   * Bytes beyond the data, up to a multiple of 4, become zero.
   */
  upload(slice: BufferSlice, data: ArrayBufferView<ArrayBuffer>): void {
    this.#failure.check();
    this.#pool.checkSlice('upload', slice);
    checkArgument('the data of upload', data, VIEW);
    check(
      data.byteLength <= slice.bytes,
      'shape-mismatch',
      () => `upload: ${data.byteLength} bytes do not fit into ${slice.bytes}`,
    );
    this.#transfers.upload(slice, data);
  }

  /**
   * Records one dispatch of `plan` on `slices`, one for each of its storage buffers in order. Throws 'invalid-argument' where
   * they are not what the plan or this device takes, or where two kernels have the plan's key; 'disposed' where one was
   * freed; 'unsupported' where one is larger than the adapter can bind. A kernel that does not compile is skipped: the next
   * {@link read} or {@link finished} rejects with 'validation' and what the compiler says, later calls of `run` throw it,
   * and the device stays usable.
   */
  run(plan: KernelPlan, slices: readonly BufferSlice[]): void {
    this.#failure.check();
    checkArgument('the plan of run', plan, PLAN);
    checkArgument('the slices of run', slices, ARRAY);
    checkDispatch(plan, slices, this.#pool, this.info.limits);
    if (this.#dryRun) this.#dryRun.add(plan, slices);
    else this.#dispatcher.run(plan, slices);
  }

  /** Records a copy of `from` into the beginning of `to`. */
  copy(from: BufferSlice, to: BufferSlice): void {
    this.#failure.check();
    this.#pool.checkSlice('copy', from);
    this.#pool.checkSlice('copy', to);
    check(
      from.bytes <= to.bytes,
      'shape-mismatch',
      () => `copy: ${from.bytes} bytes do not fit into ${to.bytes}`,
    );
    if (!this.#dryRun) this.#transfers.copy(from, to);
  }

  /** Records filling `slice` with zero bytes. */
  clear(slice: BufferSlice): void {
    this.#failure.check();
    this.#pool.checkSlice('clear', slice);
    if (!this.#dryRun) this.#transfers.clear(slice);
  }

  /**
   * The bytes of each slice, as they are after all that was recorded before. Rejects with 'validation' where a kernel among
   * that does not compile: then what was computed since is not to be trusted.
   */
  async read(slices: readonly BufferSlice[]): Promise<ArrayBuffer[]> {
    this.#failure.check();
    checkArgument('the slices of read', slices, ARRAY);
    for (const slice of slices) this.#pool.checkSlice('read', slice);
    return this.#settle(this.#pace.during(this.#readback.read(slices)));
  }

  /** Reads `slice`, and has the next {@link read} or {@link finished} reject with the error that `judge` makes of it, if any. */
  verify(slice: BufferSlice, judge: (bytes: ArrayBuffer) => FoveaError | undefined): void {
    this.#failure.check();
    this.#pool.checkSlice('verify', slice);
    checkArgument('the judge of verify', judge, FUNCTION);
    if (!this.#dryRun) this.#verdicts.judge(this.#readback.read([slice]), judge);
  }

  /** Resolves when all that was recorded before is done; rejects as {@link read} does. */
  async finished(): Promise<void> {
    this.#failure.check();
    this.#recorder.flush();
    await this.#settle(this.#pace.during(this.#gpu.queue.onSubmittedWorkDone()));
  }

  /**
   * Compiles the pipelines that `work` would use, all at the same time, and makes room for the copies that its kernels
   * read, without running any of it. What `work` allocates is real, what it computes is not.
   */
  async prepare(work: () => void): Promise<void> {
    await this.#settle(this.#dispatcher.pipelines.prepare(this.dryRun(work)));
  }

  /** What stands for the dry run that is under way; undefined where work is run. */
  get rehearsal(): object | undefined {
    return this.#dryRun;
  }

  /** The plans that `work` would run, those of equal keys once; nothing is run, and what `work` allocates is real. */
  dryRun(work: () => void): Iterable<KernelPlan> {
    this.#failure.check();
    checkArgument('the work of a dry run', work, FUNCTION);
    const dryRun = new DryRun(this.#dispatcher.texelCopies);
    this.#dryRun = dryRun;
    try {
      work();
    } finally {
      this.#dryRun = undefined;
    }
    return dryRun.plans;
  }

  /**
   * Milliseconds that the device is busy with what `work` records: by timestamp queries, copies left out, or from now
   * until it is done where there are none.
   */
  async time(work: () => void): Promise<number> {
    checkArgument('the work of time', work, FUNCTION);
    return this.info.features.includes(TIMESTAMPS) ? this.#timing.time(work) : this.#timing.timeByClock(work);
  }

  /**
   * Every dispatch that `work` records, in order, with its time on the device; `work` may be asynchronous. Throws 'unsupported'
   * where the adapter has no timestamp queries.
   */
  async trace(work: () => unknown): Promise<KernelEvent[]> {
    checkArgument('the work of trace', work, FUNCTION);
    check(
      this.info.features.includes(TIMESTAMPS),
      'unsupported',
      () =>
        `the adapter '${this.info.name}' has no timestamp queries: use device.time(), which measures without`,
    );
    return this.#timing.trace(work);
  }

  /** Time per kernel since the last call; empty unless the device was created with `profile: true`. */
  async kernelTimes(): Promise<KernelTime[]> {
    return this.#timing.kernelTimes();
  }

  /** Frees all GPU memory. Every later call throws 'device-lost'. */
  destroy(): void {
    this.#failure.destroy();
    this.#gpu.destroy();
  }

  /** As {@link destroy}, at the end of the block: `using device = await createDevice()`. */
  [DISPOSE](): void {
    this.destroy();
  }

  /** Waits for something of WebGPU's, for the verdicts on what was recorded before it, and for whether anything failed. */
  async #settle<T>(promise: Promise<T>): Promise<T> {
    try {
      const told = Promise.all([promise, this.#verdicts.tell(), this.#failure.settled()]);
      const [result] = await this.#wait(told);
      this.#failure.check();
      return result;
    } catch (error) {
      throw await this.#failure.explain(error);
    }
  }
}
