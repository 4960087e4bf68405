/**
 * @file A WebGPU device with all that fovea keeps per device: buffers, pipelines, the command stream.
 *
 * There is no global state: two devices in one process know nothing of each other.
 */

import { check, FoveaError } from '../errors.ts';
import { type Choices, NO_CHOICES } from '../kernels/conv2d/choices.ts';
import type { KernelPlan, KernelTarget } from '../kernels/kernel.ts';
import { type AdapterKind, type AdapterSource, adapterName, isSoftwareAdapter } from './adapter-source.ts';
import { BufferPool, type BufferSlice, type PoolStatistics } from './buffer-pool.ts';
import { BindGroupCache, type Bound, PipelineCache } from './pipelines.ts';
import { type KernelTime, Profiler } from './profiler.ts';
import { Readback } from './readback.ts';
import { Recorder } from './recorder.ts';
import { MOST_TEXEL_BYTES, TexelCopies } from './texel-copies.ts';
import { UniformRing } from './uniform-ring.ts';

/** What {@link Device.open} takes. */
export interface DeviceOptions {
  /** The adapter wanted, `'auto'` by default: hardware, else software (see {@link DeviceInfo.software}). */
  readonly adapter?: AdapterKind;
  /** The most bytes that tensors may hold; allocating more throws 'out-of-memory'. No bound by default. */
  readonly memoryLimit?: number;
  /**
   * The most bytes of a buffer that a kernel is shown, what the adapter offers by default: larger batches are run in
   * parts. Lower it to try that.
   */
  readonly bindingLimit?: number;
  /** Measure every kernel with timestamp queries (needs the feature `timestamp-query`); false by default. */
  readonly profile?: boolean;
}

/** What was chosen. */
export interface DeviceInfo {
  /** The adapter's name for people. */
  readonly name: string;
  readonly vendor: string;
  readonly architecture: string;
  /** Whether the adapter computes on the CPU. */
  readonly software: boolean;
  /** The WebGPU features that the device has, of those fovea uses. */
  readonly features: readonly string[];
  /** Whether WGSL has storage textures that can be read (`readonly_and_readwrite_storage_textures`). */
  readonly readableTextures: boolean;
  /** The subgroup sizes the adapter may run kernels with; both 0 where it has no subgroups. */
  readonly subgroupSizes: readonly [least: number, most: number];
  readonly limits: DeviceLimits;
}

/** The limits that matter to fovea; as high as the adapter offers. */
export interface DeviceLimits {
  /** Bytes. */
  readonly maxBufferSize: number;
  /** Bytes of a buffer that a kernel can see. */
  readonly maxStorageBufferBindingSize: number;
  readonly maxStorageBuffersPerShaderStage: number;
  /** Bytes. */
  readonly maxComputeWorkgroupStorageSize: number;
  readonly maxComputeInvocationsPerWorkgroup: number;
  readonly maxComputeWorkgroupsPerDimension: number;
}

/** Counters of what a device did and holds. */
export interface DeviceStatistics extends PoolStatistics {
  readonly dispatches: number;
  readonly submits: number;
  readonly pipelinesCreated: number;
  readonly bindGroupsCreated: number;
}

const RAISED_LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupsPerDimension',
] as const satisfies readonly (keyof DeviceLimits)[];

const USED_FEATURES = ['subgroups', 'timestamp-query'] as const;

/** One GPU, or a software driver that stands in for one. */
export class Device {
  /** What was chosen. */
  readonly info: DeviceInfo;
  /** Which kernels convolutions run by, where that was measured. */
  choices: Choices = NO_CHOICES;
  readonly #gpu: GPUDevice;
  readonly #pool: BufferPool;
  readonly #pipelines: PipelineCache;
  readonly #bindGroups: BindGroupCache;
  readonly #recorder: Recorder;
  readonly #texelCopies: TexelCopies;
  readonly #readback: Readback;
  readonly #profiler: Profiler | undefined;
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
    const adapter = await source.requestAdapter(options.adapter ?? 'auto');
    const features = USED_FEATURES.filter((feature) => adapter.features.has(feature));
    check(
      !options.profile || features.includes('timestamp-query'),
      'unsupported',
      () =>
        `profiling needs the WebGPU feature 'timestamp-query', which ${adapterName(adapter.info)} lacks: leave out \`profile\``,
    );
    const requiredLimits = Object.fromEntries(RAISED_LIMITS.map((limit) => [limit, adapter.limits[limit]]));
    const gpu = await adapter.requestDevice({ requiredFeatures: features, requiredLimits });
    const info = describe(gpu, adapter.info, await source.languageFeatures(), options.bindingLimit);
    return new Device(gpu, info, source, options);
  }

  private constructor(gpu: GPUDevice, info: DeviceInfo, { rest }: AdapterSource, options: DeviceOptions) {
    this.#gpu = gpu;
    this.info = info;
    if (rest && info.software) this.#wait = rest;
    const uniforms = new UniformRing(gpu);
    this.#pipelines = new PipelineCache(gpu);
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
      choices: this.choices,
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
    return this.#pool.acquire(bytes);
  }

  /** Gives memory back. Commands that were recorded before may still use it. */
  free(slice: BufferSlice): void {
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
    check(
      data.byteLength <= slice.bytes,
      'shape-mismatch',
      () => `upload: ${data.byteLength} bytes do not fit into ${slice.bytes}`,
    );
    this.#texelCopies.outdate(slice);
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

  /** Records one dispatch of `plan` on `slices`, one for each of its storage buffers in order. */
  run(plan: KernelPlan, slices: readonly BufferSlice[]): void {
    this.#checkUsable();
    check(
      slices.length === plan.access.length,
      'invalid-argument',
      () => `kernel ${plan.name} has ${plan.access.length} storage buffers, got ${slices.length}`,
    );
    const limit = this.info.limits.maxStorageBufferBindingSize;
    for (const { bytes } of slices) {
      check(
        bytes <= limit,
        'unsupported',
        () =>
          `kernel ${plan.name}: ${bytes} bytes are more than the ${limit} that the adapter can bind: use a smaller batch`,
      );
    }
    if (this.#collected) {
      this.#collected.set(plan.key, plan);
      plan.access.forEach((access, i) => {
        if (access === 'texture') this.#texelCopies.reserve(plan.names[i]!, slices[i]!.bytes);
      });
      return;
    }
    const pipeline = this.#pipelines.get(plan);
    const bindGroup = this.#bindGroups.get(pipeline, this.#bindings(plan, slices));
    const { name, uniforms, workgroups } = plan;
    this.#recorder.dispatch({ name, pipeline: pipeline.gpu, bindGroup, uniforms, workgroups });
    for (let i = 0; i < slices.length; i++)
      if (plan.access[i] === 'read_write') this.#texelCopies.outdate(slices[i]!);
  }

  /** What `plan` is shown of `slices`: themselves, or copies of them as textures. */
  #bindings({ access, names }: KernelPlan, slices: readonly BufferSlice[]): readonly Bound[] {
    if (!access.includes('texture')) return slices;
    return slices.map((slice, i) =>
      access[i] === 'texture' ? this.#texelCopies.show(names[i]!, slice) : slice,
    );
  }

  /** Records a copy of `from` into the beginning of `to`. */
  copy(from: BufferSlice, to: BufferSlice): void {
    this.#checkUsable();
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
      this.#texelCopies.outdate(apart);
      this.copy(apart, to);
      this.#pool.release(apart.buffer);
      return;
    }
    this.#recorder.copy(from, to.buffer.gpu, to.offset);
    this.#texelCopies.outdate(to);
  }

  /** Records filling `slice` with zero bytes. */
  clear(slice: BufferSlice): void {
    this.#checkUsable();
    if (this.#collected) return;
    this.#recorder.clear(slice);
    this.#texelCopies.outdate(slice);
  }

  /** The bytes of each slice, as they are after all that was recorded before. */
  async read(slices: readonly BufferSlice[]): Promise<ArrayBuffer[]> {
    this.#checkUsable();
    try {
      const bytes = await this.#wait(this.#readback.read(slices));
      this.#checkUsable();
      return bytes;
    } catch (error) {
      throw await this.#explain(error);
    }
  }

  /** Resolves when all that was recorded before is done. */
  async finished(): Promise<void> {
    this.#checkUsable();
    this.#recorder.flush();
    try {
      await this.#wait(this.#gpu.queue.onSubmittedWorkDone());
    } catch (error) {
      throw await this.#explain(error);
    }
    this.#checkUsable();
  }

  /**
   * Compiles the pipelines that `work` would use, all at the same time, and makes room for the copies that its kernels
   * read, without running any of it. What `work` allocates is real, what it computes is not.
   */
  async prepare(work: () => void): Promise<void> {
    await this.#wait(this.#pipelines.prepare(this.dryRun(work)));
  }

  /** The plans that `work` would run, those of equal keys once; nothing is run, and what `work` allocates is real. */
  dryRun(work: () => void): Iterable<KernelPlan> {
    this.#checkUsable();
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
    const times = await this.#wait(this.#stopwatch.take());
    return times.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  }

  /** Time a kernel since the last call; empty unless the device was created with `profile: true`. */
  async kernelTimes(): Promise<KernelTime[]> {
    await this.finished();
    return this.#profiler ? this.#wait(this.#profiler.take()) : [];
  }

  /** Frees all GPU memory. Every later call throws 'device-lost'. */
  destroy(): void {
    this.#failure ??= new FoveaError('device-lost', 'the device was destroyed: create another one');
    this.#gpu.destroy();
  }

  #checkUsable(): void {
    if (this.#failure) throw this.#failure;
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

function describe(
  gpu: GPUDevice,
  adapter: GPUAdapterInfo,
  languageFeatures: ReadonlySet<string>,
  bindingLimit = Number.POSITIVE_INFINITY,
): DeviceInfo {
  const limits = Object.fromEntries(
    RAISED_LIMITS.map((limit) => [limit, gpu.limits[limit]]),
  ) as unknown as DeviceLimits;
  const software = isSoftwareAdapter(adapter);
  const readableTextures = languageFeatures.has('readonly_and_readwrite_storage_textures');
  // The kernels for software adapters see buffers through textures, which hold less than some adapters can bind.
  const texelLimit = software && readableTextures ? MOST_TEXEL_BYTES : Number.POSITIVE_INFINITY;
  return {
    name: adapterName(adapter),
    vendor: adapter.vendor,
    architecture: adapter.architecture,
    software,
    features: USED_FEATURES.filter((feature) => gpu.features.has(feature)),
    readableTextures,
    subgroupSizes: gpu.features.has('subgroups')
      ? [adapter.subgroupMinSize ?? 0, adapter.subgroupMaxSize ?? 0]
      : [0, 0],
    limits: {
      ...limits,
      maxStorageBufferBindingSize: Math.min(limits.maxStorageBufferBindingSize, bindingLimit, texelLimit),
    },
  };
}
