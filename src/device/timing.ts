/**
 * @file How long a device takes for its work: by timestamp queries, or by the clock where there are none.
 */

import { check } from '../errors.ts';
import { type KernelEvent, type KernelTime, Profiler } from './profiler.ts';
import type { Recorder } from './recorder.ts';
import { unlessRefused } from './timestamps.ts';

/** How the work of a device is waited for. */
export interface Waiting {
  /** Resolves when all that was recorded before is done. */
  finished(): Promise<void>;
  /** Waits for something of WebGPU's. */
  settle<T>(promise: Promise<T>): Promise<T>;
}

/** Measures the work of a device. */
export class Timing {
  readonly #gpu: GPUDevice;
  readonly #recorder: Recorder;
  readonly #waiting: Waiting;
  /** Measures all work, where the device was opened with `profile: true`. */
  readonly #profiler: Profiler | undefined;
  /** Measures for {@link time}. */
  #stopwatch: Profiler | undefined;

  constructor(gpu: GPUDevice, recorder: Recorder, waiting: Waiting) {
    this.#gpu = gpu;
    this.#recorder = recorder;
    this.#waiting = waiting;
    this.#profiler = recorder.profiler;
  }

  /** Milliseconds that the device is busy with what `work` records, copies left out; by the clock where timestamps are refused or blank. */
  async time(work: () => void): Promise<number> {
    this.#stopwatch ??= await this.#open();
    if (!this.#stopwatch) return this.timeByClock(work);
    await this.#waiting.finished();
    const start = performance.now();
    await this.#measure(this.#stopwatch, work);
    const elapsed = performance.now() - start;
    const times = await this.#waiting.settle(this.#stopwatch.take());
    if (this.#stopwatch.isBlank) return elapsed;
    return times.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  }

  /** Milliseconds from now until what `work` records is done. */
  async timeByClock(work: () => void): Promise<number> {
    await this.#waiting.finished();
    const start = performance.now();
    work();
    await this.#waiting.finished();
    return performance.now() - start;
  }

  /** Every dispatch that `work` records, in order. */
  async trace(work: () => unknown): Promise<KernelEvent[]> {
    const events: KernelEvent[] = [];
    const profiler = await this.#open(events);
    check(profiler !== undefined, 'unsupported', () => {
      return 'the adapter refuses more timestamp queries: use device.time(), which measures by the clock then';
    });
    try {
      await this.#waiting.finished();
      await this.#measure(profiler, work);
      await this.#take(profiler);
    } finally {
      profiler.destroy();
    }
    return events.sort((a, b) => a.start - b.start);
  }

  /** Time per kernel since the last call, where all work is measured. */
  async kernelTimes(): Promise<KernelTime[]> {
    await this.#waiting.finished();
    return this.#profiler ? this.#take(this.#profiler) : [];
  }

  /** A profiler; undefined where the adapter refuses the queries. For `events` see {@link Profiler}. */
  #open(events?: KernelEvent[]): Promise<Profiler | undefined> {
    return unlessRefused(this.#gpu, () => new Profiler(this.#gpu, events));
  }

  async #take(profiler: Profiler): Promise<KernelTime[]> {
    const times = await this.#waiting.settle(profiler.take());
    check(
      !profiler.isBlank,
      'unsupported',
      () => 'all timestamps of this adapter are zero: use device.time(), which measures by the clock then',
    );
    return times;
  }

  /** Runs `work` to its end, measured by `profiler`; to be called when all work before is done. */
  async #measure(profiler: Profiler, work: () => unknown): Promise<void> {
    this.#recorder.profiler = profiler;
    try {
      await work();
      await this.#waiting.finished();
    } finally {
      this.#recorder.profiler = this.#profiler;
    }
  }
}
