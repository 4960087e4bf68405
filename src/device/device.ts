/**
 * @file A WebGPU device with all that fovea keeps per device: buffers, pipelines, the command stream.
 *
 * There is no global state: two devices in one process know nothing of each other.
 */

import {
  ARRAY,
  checkArgument,
  checkOptions,
  describe,
  FUNCTION,
  isObject,
  type Rule,
  whole,
} from '../arguments.ts';
import { check, FoveaError } from '../errors.ts';
import { type KernelPlan, type KernelTarget, PLAN } from '../kernels/kernel.ts';
import { poisonPlan } from '../kernels/results.ts';
import { type AdapterSource, adapterName } from './adapter-source.ts';
import { BindGroupCache, type Bound } from './bind-groups.ts';
import { BufferPool, type BufferSlice, type PoolStatistics } from './buffer-pool.ts';
import { DISPOSE } from './disposal.ts';
import { type DeviceInfo, describeDevice, RAISED_LIMITS, USED_FEATURES } from './info.ts';
import { checkSameKernel, sharesCode, sourceOf } from './kernel-source.ts';
import { DEVICE_OPTIONS, type DeviceOptions } from './options.ts';
import { type Pipeline, PipelineCache } from './pipelines.ts';
import { type KernelEvent, type KernelTime, Profiler } from './profiler.ts';
import { Readback } from './readback.ts';
import { type Dispatch, Recorder } from './recorder.ts';
import { TexelCopies } from './texel-copies.ts';
import { UniformRing } from './uniform-ring.ts';
import { type Verdict, Verdicts } from './verdicts.ts';

/** Counters of what a device did and holds. */
export interface DeviceStatistics extends PoolStatistics {
  readonly dispatches: number;
  readonly submits: number;
  readonly pipelinesCreated: number;
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
  /** What was chosen. */
  readonly info: DeviceInfo;
  /** Whether kernels of one's own are watched, see {@link DeviceOptions.checked}. */
  readonly checked: boolean;
  /** Tells the user what is no error, see {@link DeviceOptions.onWarning}. */
  readonly onWarning: (message: string) => void;
  readonly #gpu: GPUDevice;
  readonly #pool: BufferPool;
  readonly #pipelines: PipelineCache;
  readonly #bindGroups: BindGroupCache;
  readonly #recorder: Recorder;
  readonly #texelCopies: TexelCopies;
  readonly #readback: Readback;
  readonly #profiler: Profiler | undefined;
  readonly #verdicts = new Verdicts();
  /** How to wait for WebGPU. */
  readonly #wait: <T>(promise: Promise<T>) => Promise<T> = (promise) => promise;
  /** Measures for {@link time}. */
  #stopwatch: Profiler | undefined;
  /** The first thing that went wrong; from then on every call throws it. */
  #failure: FoveaError | undefined;
  /** Where set, plans are collected here and nothing runs. */
  #collected: Map<string, KernelPlan> | undefined;

  /** Opens a device on an adapter of `source`; users call `createDevice`. */
  static async open(source: AdapterSource, options: DeviceOptions = {}): Promise<Device> {
    checkArgument('the source of Device.open', source, SOURCE);
    checkOptions('createDevice', options, DEVICE_OPTIONS);
    const adapter = await source.requestAdapter(options.adapter ?? 'auto');
    const features = USED_FEATURES.filter((feature) => adapter.features.has(feature));
    check(
      !options.profile || features.includes('timestamp-query'),
      'unsupported',
      () =>
        `profiling needs the WebGPU feature 'timestamp-query', which ${adapterName(adapter.info)} lacks: leave out \`profile\``,
    );
    const requiredLimits = Object.fromEntries(RAISED_LIMITS.map((limit) => [limit, adapter.limits[limit]]));
    const gpu = await adapter
      .requestDevice({ requiredFeatures: features, requiredLimits })
      .catch((cause: Error) => {
        const name = adapterName(adapter.info);
        throw new FoveaError('no-adapter', `the adapter '${name}' gives no device: ${cause.message}`, {
          cause,
        });
      });
    const info = describeDevice(gpu, adapter.info, await source.languageFeatures(), options.bindingLimit);
    return new Device(OPENED, gpu, info, source, options);
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
    this.info = info;
    this.checked = options.checked ?? false;
    this.onWarning = options.onWarning ?? ((message) => console.warn(`fovea: ${message}`));
    if (source.rest && info.software) this.#wait = source.rest;
    const uniforms = new UniformRing(gpu);
    this.#pipelines = new PipelineCache(gpu, this.checked);
    this.#bindGroups = new BindGroupCache(gpu, uniforms.buffer);
    this.#pool = new BufferPool(gpu, {
      maxBufferBytes: gpu.limits.maxBufferSize,
      ...(options.memoryLimit === undefined ? {} : { memoryLimit: options.memoryLimit }),
      onDestroy: (buffer) => this.#bindGroups.forgetBuffer(buffer),
      beforeDestroy: () => this.#recorder.flush(),
    });
    this.#profiler = options.profile ? new Profiler(gpu) : undefined;
    this.#recorder = new Recorder(gpu, uniforms, this.#profiler);
    this.#texelCopies = new TexelCopies(gpu, this.#recorder, (copy) => this.#bindGroups.forgetTexture(copy));
    this.#readback = new Readback(gpu, this.#recorder);
    this.#watch();
  }

  /** What the choice among kernels depends on. */
  get target(): KernelTarget {
    const [least, most] = this.info.subgroupSizes;
    return {
      software: this.info.software,
      subgroupLanes: least === most ? least : 0,
      readableTextures: this.info.readableTextures,
    };
  }

  /** Counters of what the device did and holds. */
  get statistics(): DeviceStatistics {
    return {
      ...this.#pool.statistics,
      ...this.#recorder.statistics,
      pipelinesCreated: this.#pipelines.size,
      bindGroupsCreated: this.#bindGroups.created,
    };
  }

  /** Memory of at least `bytes`, its contents arbitrary. Give it back with {@link free}. */
  allocate(bytes: number): BufferSlice {
    this.#checkUsable();
    checkArgument('bytes of allocate', bytes, BYTE_COUNT);
    const slice = this.#pool.acquire(bytes);
    if (this.checked) this.#poison(slice);
    return slice;
  }

  /** Fills a slice with what tells later whether it was written. */
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

  /** Destroys buffers that nobody uses. */
  trim(): void {
    this.#pool.trim();
  }

  /**
   * Writes `data` to the beginning of `slice`, after all that was recorded before and before all that comes.
   * Bytes beyond the data, up to a multiple of 4, become zero.
   */
  upload(slice: BufferSlice, data: ArrayBufferView<ArrayBuffer>): void {
    this.#checkUsable();
    this.#pool.checkSlice('upload', slice);
    checkArgument('the data of upload', data, VIEW);
    check(
      data.byteLength <= slice.bytes,
      'shape-mismatch',
      () => `upload: ${data.byteLength} bytes do not fit into ${slice.bytes}`,
    );
    this.#texelCopies.invalidate(slice);
    this.#recorder.flush(); // writeBuffer would overtake what is recorded and not submitted
    const whole = data.byteLength - (data.byteLength % 4);
    const write = (bytes: Uint8Array<ArrayBuffer>, at: number) =>
      this.#gpu.queue.writeBuffer(slice.buffer.gpu, slice.offset + at, bytes);
    if (whole > 0) write(new Uint8Array(data.buffer, data.byteOffset, whole), 0);
    if (whole < data.byteLength) {
      const tail = new Uint8Array(4);
      tail.set(new Uint8Array(data.buffer, data.byteOffset + whole, data.byteLength - whole));
      write(tail, whole);
    }
  }

  /**
   * Records one dispatch of `plan` on `slices`, one for each of its storage buffers in order. Throws 'invalid-argument' where
   * they are not what the plan or this device takes, or where two kernels have the plan's key; 'disposed' where one was
   * freed; 'unsupported' where one is larger than the adapter can bind. A kernel that does not compile is skipped: the next
   * {@link read} or {@link finished} rejects with 'validation' and what the compiler says, later calls of `run` throw it,
   * and the device stays usable.
   */
  run(plan: KernelPlan, slices: readonly BufferSlice[]): void {
    this.#checkUsable();
    checkArgument('the plan of run', plan, PLAN);
    checkArgument('the slices of run', slices, ARRAY);
    if (slices.length !== plan.access.length) refuseCount(plan, slices.length);
    const { maxStorageBufferBindingSize: limit, maxComputeWorkgroupsPerDimension } = this.info.limits;
    for (const workgroups of plan.workgroups)
      if (workgroups > maxComputeWorkgroupsPerDimension) refuseGrid(plan, maxComputeWorkgroupsPerDimension);
    for (const slice of slices) {
      this.#pool.checkSlice(plan.name, slice);
      if (slice.bytes > limit) refuseBinding(plan, slice, limit);
    }
    if (this.#collected) {
      this.#collect(plan, slices, this.#collected);
      return;
    }
    const pipeline = this.#pipelines.get(plan);
    const bindGroup = this.#bindGroups.get(pipeline, this.#bindings(plan, slices));
    const { name, uniforms, workgroups } = plan;
    const dispatch = { name, pipeline: pipeline.gpu, bindGroup, uniforms, workgroups };
    if (pipeline.verdict) this.#runApart(pipeline, pipeline.verdict, dispatch);
    else this.#recorder.dispatch(dispatch);
    for (let i = 0; i < slices.length; i++)
      if (plan.access[i] === 'read_write') this.#texelCopies.invalidate(slices[i]!);
  }

  /** Submits a dispatch alone: if its kernel turns out not to compile, nothing else is lost with it. */
  #runApart({ plan }: Pipeline, compiles: Verdict, dispatch: Dispatch): void {
    this.#recorder.flush();
    this.#gpu.pushErrorScope('validation');
    this.#recorder.dispatch(dispatch);
    this.#recorder.flush();
    const refused = this.#gpu.popErrorScope().then(
      (error) => error && new FoveaError('validation', `kernel ${plan.name} was refused: ${error.message}`),
      () => undefined, // The device is lost, which every call of it says.
    );
    this.#verdicts.add(compiles.then(async (error) => error ?? (await refused) ?? undefined));
  }

  /** Keeps a plan in place of running it. */
  #collect(plan: KernelPlan, slices: readonly BufferSlice[], collected: Map<string, KernelPlan>): void {
    const known = collected.get(plan.key);
    if (!known) collected.set(plan.key, plan);
    else if (!sharesCode(known, plan)) checkSameKernel(known, sourceOf(known), plan);
    plan.access.forEach((access, i) => {
      if (access === 'texture') this.#texelCopies.reserve(plan.textures[i]!, slices[i]!.bytes);
    });
  }

  /** What `plan` is shown of `slices`: themselves, or copies of them as textures. */
  #bindings({ access, textures }: KernelPlan, slices: readonly BufferSlice[]): readonly Bound[] {
    if (!access.includes('texture')) return slices;
    return slices.map((slice, i) =>
      access[i] === 'texture' ? this.#texelCopies.bind(textures[i]!, slice) : slice,
    );
  }

  /** Records a copy of `from` into the beginning of `to`. */
  copy(from: BufferSlice, to: BufferSlice): void {
    this.#checkUsable();
    this.#pool.checkSlice('copy', from);
    this.#pool.checkSlice('copy', to);
    check(
      from.bytes <= to.bytes,
      'shape-mismatch',
      () => `copy: ${from.bytes} bytes do not fit into ${to.bytes}`,
    );
    if (this.#collected) return;
    if (from.buffer === to.buffer) {
      // WebGPU copies nothing within a buffer.
      const apart = this.#pool.acquire(from.bytes);
      this.#recorder.copy(from, apart.buffer.gpu, apart.offset);
      this.#texelCopies.invalidate(apart);
      this.copy(apart, to);
      this.#pool.release(apart.buffer);
      return;
    }
    this.#recorder.copy(from, to.buffer.gpu, to.offset);
    this.#texelCopies.invalidate(to);
  }

  /** Records filling `slice` with zero bytes. */
  clear(slice: BufferSlice): void {
    this.#checkUsable();
    this.#pool.checkSlice('clear', slice);
    if (this.#collected) return;
    this.#recorder.clear(slice);
    this.#texelCopies.invalidate(slice);
  }

  /**
   * The bytes of each slice, as they are after all that was recorded before. Rejects with 'validation' where a kernel among
   * that does not compile: then what was computed since is not to be trusted.
   */
  async read(slices: readonly BufferSlice[]): Promise<ArrayBuffer[]> {
    this.#checkUsable();
    checkArgument('the slices of read', slices, ARRAY);
    for (const slice of slices) this.#pool.checkSlice('read', slice);
    return this.#settle(this.#readback.read(slices));
  }

  /** Reads `slice`, and has the next {@link read} or {@link finished} reject with the error that `judge` makes of it, if any. */
  verify(slice: BufferSlice, judge: (bytes: ArrayBuffer) => FoveaError | undefined): void {
    this.#checkUsable();
    this.#pool.checkSlice('verify', slice);
    checkArgument('the judge of verify', judge, FUNCTION);
    if (this.#collected) return;
    const reading = this.#readback.read([slice]);
    const judged = (bytes: ArrayBuffer) => {
      let error: unknown;
      try {
        error = judge(bytes);
      } catch (thrown) {
        error = thrown;
      }
      if (error === undefined || error instanceof FoveaError) return error;
      return new FoveaError(
        'invalid-argument',
        `what the judge of verify gives is ${describe(error)}: it must be a FoveaError, or undefined`,
      );
    };
    const told = () => undefined; // The device is lost, which every call of it says.
    this.#verdicts.add(reading.then(([bytes]) => judged(bytes!), told));
  }

  /** Resolves when all that was recorded before is done; rejects as {@link read} does. */
  async finished(): Promise<void> {
    this.#checkUsable();
    this.#recorder.flush();
    await this.#settle(this.#gpu.queue.onSubmittedWorkDone());
  }

  /**
   * Compiles the pipelines that `work` would use, all at the same time, and makes room for the copies that its kernels
   * read, without running any of it. What `work` allocates is real, what it computes is not.
   */
  async prepare(work: () => void): Promise<void> {
    await this.#settle(this.#pipelines.prepare(this.dryRun(work)));
  }

  /** What stands for the dry run that is under way; undefined where work is run. */
  get rehearsal(): object | undefined {
    return this.#collected;
  }

  /** The plans that `work` would run, those of equal keys once; nothing is run, and what `work` allocates is real. */
  dryRun(work: () => void): Iterable<KernelPlan> {
    this.#checkUsable();
    checkArgument('the work of a dry run', work, FUNCTION);
    const plans = new Map<string, KernelPlan>();
    this.#collected = plans;
    try {
      work();
    } finally {
      this.#collected = undefined;
    }
    return plans.values();
  }

  /**
   * Milliseconds that the device is busy with what `work` records: by timestamp queries, copies left out, or from now
   * until it is done where there are none.
   */
  async time(work: () => void): Promise<number> {
    checkArgument('the work of time', work, FUNCTION);
    await this.finished();
    if (!this.info.features.includes('timestamp-query')) {
      const start = performance.now();
      work();
      await this.finished();
      return performance.now() - start;
    }
    this.#stopwatch ??= new Profiler(this.#gpu);
    this.#recorder.profiler = this.#stopwatch;
    try {
      work();
      await this.finished();
    } finally {
      this.#recorder.profiler = this.#profiler;
    }
    const times = await this.#settle(this.#stopwatch.take());
    return times.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  }

  /**
   * Every dispatch that `work` records, in order, with its time on the device; `work` may be asynchronous. Throws 'unsupported'
   * where the adapter has no timestamp queries.
   */
  async trace(work: () => unknown): Promise<KernelEvent[]> {
    checkArgument('the work of trace', work, FUNCTION);
    check(
      this.info.features.includes('timestamp-query'),
      'unsupported',
      () =>
        `the adapter '${this.info.name}' has no timestamp queries: use device.time(), which measures without`,
    );
    await this.finished();
    const events: KernelEvent[] = [];
    const profiler = new Profiler(this.#gpu, events);
    this.#recorder.profiler = profiler;
    try {
      await work();
      await this.finished();
    } finally {
      this.#recorder.profiler = this.#profiler;
    }
    await this.#settle(profiler.take());
    return events.sort((a, b) => a.start - b.start);
  }

  /** Time per kernel since the last call; empty unless the device was created with `profile: true`. */
  async kernelTimes(): Promise<KernelTime[]> {
    await this.finished();
    return this.#profiler ? this.#settle(this.#profiler.take()) : [];
  }

  /** Frees all GPU memory. Every later call throws 'device-lost'. */
  destroy(): void {
    this.#failure ??= new FoveaError('device-lost', 'the device was destroyed: create another one');
    this.#gpu.destroy();
  }

  /** As {@link destroy}, at the end of the block: `using device = await createDevice()`. */
  [DISPOSE](): void {
    this.destroy();
  }

  #checkUsable(): void {
    if (this.#failure) throw this.#failure;
  }

  /** Waits for something of WebGPU's and for the verdicts on what was recorded before it. */
  async #settle<T>(promise: Promise<T>): Promise<T> {
    try {
      const [result] = await this.#wait(Promise.all([promise, this.#verdicts.tell()]));
      this.#checkUsable();
      return result;
    } catch (error) {
      throw await this.#explain(error);
    }
  }

  /** What lies behind an error of WebGPU: the failure of the device if there is one. */
  async #explain(error: unknown): Promise<unknown> {
    if (!this.#failure && !(error instanceof FoveaError)) await new Promise((resolve) => setTimeout(resolve));
    return this.#failure ?? error;
  }

  #watch(): void {
    void this.#gpu.lost.then(({ message }) => {
      this.#failure ??= new FoveaError(
        'device-lost',
        `the device was lost: ${message || 'no reason given'}; its tensors are gone, create another device`,
      );
      // Dawn for Node holds the handler, and with it this device, for ever.
      this.#gpu.onuncapturederror = null;
    });
    this.#gpu.onuncapturederror = ({ error }) => {
      const outOfMemory = error.constructor.name === 'GPUOutOfMemoryError';
      this.#failure ??= outOfMemory
        ? new FoveaError(
            'out-of-memory',
            `the adapter is out of memory with ${this.#pool.statistics.bytesInUse} bytes in use: use a smaller batch ` +
              `or dispose tensors (${error.message})`,
          )
        : new FoveaError('validation', `WebGPU refused a command, please report this: ${error.message}`);
    };
  }
}

function refuseCount({ name, access }: KernelPlan, given: number): never {
  throw new FoveaError(
    'invalid-argument',
    `kernel ${name} has ${access.length} storage buffers, got ${given}`,
  );
}

function refuseGrid({ name, workgroups }: KernelPlan, most: number): never {
  throw new FoveaError(
    'unsupported',
    `kernel ${name}: a grid of ${workgroups.join(' × ')} workgroups, but the adapter runs ${most} along an axis: fold it as threadGrid() does`,
  );
}

function refuseBinding({ name }: KernelPlan, { bytes }: BufferSlice, limit: number): never {
  throw new FoveaError(
    'unsupported',
    `kernel ${name}: ${bytes} bytes are more than the ${limit} that the adapter can bind: use a smaller batch`,
  );
}
