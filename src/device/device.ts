/**
 * @file A WebGPU device with all that fovea keeps per device: buffers, pipelines, the command stream.
 *
 * There is no global state: two devices in one process know nothing of each other.
 */

import { ARRAY, checkArgument, checkOptions, FUNCTION, type Rule, whole } from '../arguments.ts';
import { check, FoveaError } from '../errors.ts';
import { type KernelPlan, type KernelTarget, PLAN } from '../kernels/plan.ts';
import { poisonPlan } from '../kernels/results.ts';
import { BufferPool, type BufferSlice, type PoolStatistics } from './buffer-pool.ts';
import { checkDispatch } from './check-dispatch.ts';
import { Connection } from './connection.ts';
import { DISPOSE } from './disposal.ts';
import { DryRun } from './dry-run.ts';
import { type DeviceInfo, kernelTarget } from './info.ts';
import {
  type MemorySnapshot,
  restoreMemory,
  SNAPSHOT,
  SNAPSHOT_OPTIONS,
  type SnapshotOptions,
  takeSnapshot,
} from './memory-snapshot.ts';
import { OPENED, type OpenedDevice, type Opening } from './opening.ts';
import type { KernelEvent, KernelTime } from './profiler.ts';
import { TIMESTAMPS } from './timestamps.ts';

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

const BYTE_COUNT = whole(0);
const VIEW: Rule = { holds: ArrayBuffer.isView, words: 'a typed array' };

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
  readonly #again: Opening['again'];
  readonly #rest: Opening['rest'];
  readonly #pool: BufferPool;
  /** Another one once it was opened again. */
  #connection: Connection;
  /** Where set, plans are collected here and nothing runs. */
  #dryRun: DryRun | undefined;

  /** @internal Devices are made by `createDevice` and `openDevice`. */
  constructor(opened: typeof OPENED, opening: Opening) {
    check(
      opened === OPENED,
      'invalid-argument',
      () => 'a Device has no public constructor: await createDevice()',
    );
    const { first, options, again, rest } = opening;
    const { gpu, info } = first;
    this.#again = again;
    this.#rest = rest;
    this.info = info;
    this.checked = options.checked ?? false;
    this.onWarning = options.onWarning ?? ((message) => console.warn(`fovea: ${message}`));
    this.target = kernelTarget(info);
    this.#pool = new BufferPool(gpu, {
      maxBufferBytes: gpu.limits.maxBufferSize,
      ...(options.memoryLimit === undefined ? {} : { memoryLimit: options.memoryLimit }),
      onCreate: () => this.#connection.failure.look(),
      onDestroy: (buffer) => this.#connection.dispatcher.forgetBuffer(buffer),
      beforeDestroy: () => this.#connection.recorder.flush(),
    });
    this.#connection = this.#connect(first);
  }

  #connect({ gpu, profiler }: OpenedDevice): Connection {
    const rest = this.#rest;
    return new Connection(gpu, this.#pool, {
      profiler,
      thorough: this.checked,
      rest: rest && this.info.software ? rest : (promise) => promise,
    });
  }

  /** Counters of what the device did and holds. */
  get statistics(): DeviceStatistics {
    return {
      ...this.#pool.statistics,
      ...this.#connection.recorder.statistics,
      pipelinesCreated: this.#connection.dispatcher.pipelines.size,
      bindGroupsCreated: this.#connection.dispatcher.bindGroupsCreated,
    };
  }

  /** Memory of at least `bytes`, its contents arbitrary. Give it back with {@link free}. */
  allocate(bytes: number): BufferSlice {
    this.#connection.failure.check();
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
    this.#pool.release(slice);
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
    this.#connection.failure.check();
    this.#pool.checkSlice('upload', slice);
    checkArgument('the data of upload', data, VIEW);
    check(
      data.byteLength <= slice.bytes,
      'shape-mismatch',
      () => `upload: ${data.byteLength} bytes do not fit into ${slice.bytes}`,
    );
    this.#connection.transfers.upload(slice, data);
  }

  /**
   * Records one dispatch of `plan` on `slices`, one for each of its storage buffers in order. Throws 'invalid-argument' where
   * they are not what the plan or this device takes, or where two kernels have the plan's key; 'disposed' where one was
   * freed; 'unsupported' where one is larger than the adapter can bind. A kernel that does not compile is skipped: the next
   * {@link read} or {@link finished} rejects with 'validation' and what the compiler says, later calls of `run` throw it,
   * and the device stays usable.
   */
  run(plan: KernelPlan, slices: readonly BufferSlice[]): void {
    this.#connection.failure.check();
    checkArgument('the plan of run', plan, PLAN);
    checkArgument('the slices of run', slices, ARRAY);
    checkDispatch(plan, slices, this.#pool, this.info.limits);
    if (this.#dryRun) this.#dryRun.add(plan, slices);
    else this.#connection.dispatcher.run(plan, slices);
  }

  /** Records a copy of `from` into the beginning of `to`. */
  copy(from: BufferSlice, to: BufferSlice): void {
    this.#connection.failure.check();
    this.#pool.checkSlice('copy', from);
    this.#pool.checkSlice('copy', to);
    check(
      from.bytes <= to.bytes,
      'shape-mismatch',
      () => `copy: ${from.bytes} bytes do not fit into ${to.bytes}`,
    );
    if (!this.#dryRun) this.#connection.transfers.copy(from, to);
  }

  /** Records filling `slice` with zero bytes. */
  clear(slice: BufferSlice): void {
    this.#connection.failure.check();
    this.#pool.checkSlice('clear', slice);
    if (!this.#dryRun) this.#connection.transfers.clear(slice);
  }

  /**
   * The bytes of each slice, as they are after all that was recorded before. Rejects with 'validation' where a kernel among
   * that does not compile: then what was computed since is not to be trusted.
   */
  async read(slices: readonly BufferSlice[]): Promise<ArrayBuffer[]> {
    this.#connection.failure.check();
    checkArgument('the slices of read', slices, ARRAY);
    for (const slice of slices) this.#pool.checkSlice('read', slice);
    return this.#connection.read(slices);
  }

  /** Reads `slice`, and has the next {@link read} or {@link finished} reject with the error that `judge` makes of it, if any. */
  verify(slice: BufferSlice, judge: (bytes: ArrayBuffer) => FoveaError | undefined): void {
    this.#connection.failure.check();
    this.#pool.checkSlice('verify', slice);
    checkArgument('the judge of verify', judge, FUNCTION);
    if (!this.#dryRun) this.#connection.verdicts.judge(this.#connection.readback.read([slice]), judge);
  }

  /** Resolves when all that was recorded before is done; rejects as {@link read} does. */
  async finished(): Promise<void> {
    await this.#connection.finished();
  }

  /**
   * Compiles the pipelines that `work` would use, all at the same time, and makes room for the copies that its kernels
   * read, without running any of it. What `work` allocates is real, what it computes is not.
   */
  async prepare(work: () => void): Promise<void> {
    await this.#connection.settle(this.#connection.dispatcher.pipelines.prepare(this.dryRun(work)));
  }

  /** What stands for the dry run that is under way; undefined where work is run. */
  get rehearsal(): object | undefined {
    return this.#dryRun;
  }

  /** The plans that `work` would run, those of equal keys once; nothing is run, and what `work` allocates is real. */
  dryRun(work: () => void): Iterable<KernelPlan> {
    this.#connection.failure.check();
    checkArgument('the work of a dry run', work, FUNCTION);
    const dryRun = new DryRun(this.#connection.dispatcher.texelCopies);
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
    const timing = await this.#connection.timing;
    return this.info.features.includes(TIMESTAMPS) ? timing.time(work) : timing.timeByClock(work);
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
    return (await this.#connection.timing).trace(work);
  }

  /** Time per kernel since the last call; empty unless the device was created with `profile: true`. */
  async kernelTimes(): Promise<KernelTime[]> {
    return (await this.#connection.timing).kernelTimes();
  }

  /**
   * The contents of all memory that is in use, as they are after all that was recorded before, for {@link reopen}. They are copied
   * on the device and read while later work runs. Rejects with 'out-of-memory' where there is no room for the copies; the device
   * goes on.
   */
  async snapshot(options: SnapshotOptions = {}): Promise<MemorySnapshot> {
    checkOptions('snapshot', options, SNAPSHOT_OPTIONS);
    this.#connection.failure.check();
    for (const slice of options.except ?? []) this.#pool.checkSlice('snapshot', slice);
    return this.#connection.wait(takeSnapshot(this.#connection, this.#pool, options));
  }

  /** Whether it was lost, not by {@link destroy}, so that {@link reopen} may help. */
  get isLost(): boolean {
    return this.#connection.failure.isLoss;
  }

  /**
   * Opens the adapter again after the device was lost. Whatever holds this device holds it still: models, optimizers, tensors.
   * Memory that `snapshot` knows, and that was not freed since, has its contents of then; all other is gone, and its tensors
   * throw 'device-lost'. Counters begin anew.
   *
   * Throws 'invalid-argument' where the device was not lost, 'device-lost' where it was destroyed, 'no-adapter' where there is no
   * adapter now, or another one: kernels were chosen for the one that was.
   */
  async reopen(snapshot?: MemorySnapshot): Promise<void> {
    if (snapshot !== undefined) checkArgument('the snapshot of reopen', snapshot, SNAPSHOT);
    this.#checkLost();
    const opened = await this.#again();
    const { gpu } = opened;
    if (!this.isLost) gpu.destroy(); // The user destroyed it meanwhile.
    this.#checkLost();
    this.#pool.renew(gpu);
    this.#connection = this.#connect(opened);
    if (snapshot) restoreMemory(snapshot, gpu, this.#pool);
    await this.finished();
  }

  #checkLost(): void {
    if (this.isLost) return;
    this.#connection.failure.check();
    throw new FoveaError('invalid-argument', 'the device was not lost: only one that was can be reopened');
  }

  /** Frees all GPU memory. Every later call throws 'device-lost'. */
  destroy(): void {
    this.#connection.failure.destroy();
    this.#connection.gpu.destroy();
  }

  /** As {@link destroy}, at the end of the block: `using device = await createDevice()`. */
  [DISPOSE](): void {
    this.destroy();
  }
}
