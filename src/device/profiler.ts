/**
 * @file Time per kernel, by timestamp queries around every dispatch.
 */

import { BufferUsage, MapMode } from './constants.ts';
import { createQueries, MOST_MEASURED } from './timestamps.ts';

/** What one kernel cost. */
export interface KernelTime {
  /** The kernel's name: `conv2d.forward`. */
  readonly name: string;
  /** How many dispatches were timed. */
  readonly dispatches: number;
  /** Time on the device, in milliseconds. */
  readonly milliseconds: number;
}

/** One dispatch of a kernel, as it ran. */
export interface KernelEvent {
  /** The kernel's name: `conv2d.forward`. */
  readonly name: string;
  /** When it began on the device, in milliseconds from an arbitrary beginning. */
  readonly start: number;
  /** How long it ran on the device. */
  readonly milliseconds: number;
}

const BYTES_PER_DISPATCH = 16;

/** Measures every dispatch of a device that was created with `profile: true`. */
export class Profiler {
  readonly #device: GPUDevice;
  readonly #queries: GPUQuerySet;
  readonly #resolved: GPUBuffer;
  #names: string[] = [];
  /** Results that are still on their way. */
  readonly #pending = new Set<Promise<void>>();
  readonly #times = new Map<string, { dispatches: number; milliseconds: number }>();
  readonly #events: KernelEvent[] | undefined;
  #measured = false;
  #stamped = false;

  /** @param events where every dispatch is noted, if anywhere; the times per kernel are kept in any case */
  constructor(device: GPUDevice, events?: KernelEvent[]) {
    this.#events = events;
    this.#device = device;
    this.#queries = createQueries(device);
    this.#resolved = device.createBuffer({
      size: MOST_MEASURED * BYTES_PER_DISPATCH,
      usage: BufferUsage.QUERY_RESOLVE | BufferUsage.COPY_SRC,
    });
  }

  /** Whether all timestamps that were read are zero, as those of macOS 26 are for some programs: they measure nothing. */
  get isBlank(): boolean {
    return this.#measured && !this.#stamped;
  }

  /** Frees the queries: a system may have few. */
  destroy(): void {
    this.#queries.destroy();
    this.#resolved.destroy();
  }

  /** The timestamps of a pass that holds one dispatch of the kernel `name`. */
  begin(name: string): GPUComputePassTimestampWrites | undefined {
    if (this.#names.length === MOST_MEASURED) return undefined;
    const first = this.#names.push(name) * 2 - 2;
    return { querySet: this.#queries, beginningOfPassWriteIndex: first, endOfPassWriteIndex: first + 1 };
  }

  /** Records, at the end of a batch of commands, that its timestamps be read. */
  resolve(encoder: GPUCommandEncoder): void {
    const names = this.#names;
    this.#names = [];
    if (names.length === 0) return;
    const size = names.length * BYTES_PER_DISPATCH;
    const staging = this.#device.createBuffer({ size, usage: BufferUsage.MAP_READ | BufferUsage.COPY_DST });
    encoder.resolveQuerySet(this.#queries, 0, names.length * 2, this.#resolved, 0);
    encoder.copyBufferToBuffer(this.#resolved, 0, staging, 0, size);
    const reading = Promise.resolve()
      .then(() => staging.mapAsync(MapMode.READ))
      .then(() => {
        this.#add(names, new BigUint64Array(staging.getMappedRange()));
        staging.destroy();
      })
      .finally(() => this.#pending.delete(reading));
    this.#pending.add(reading);
    // A device that is destroyed or lost rejects it: `take` says so where somebody asks.
    reading.catch(() => {});
  }

  /** The times since the last call, the largest first. Submit before calling. */
  async take(): Promise<KernelTime[]> {
    await Promise.all(this.#pending);
    const times = [...this.#times].map(([name, time]) => ({ name, ...time }));
    this.#times.clear();
    return times.sort((a, b) => b.milliseconds - a.milliseconds);
  }

  #add(names: readonly string[], stamps: BigUint64Array): void {
    this.#measured = true;
    this.#stamped ||= stamps.some((stamp) => stamp !== 0n);
    names.forEach((name, i) => {
      const time = this.#times.get(name) ?? { dispatches: 0, milliseconds: 0 };
      const milliseconds = Number(stamps[2 * i + 1]! - stamps[2 * i]!) / 1e6;
      time.dispatches++;
      time.milliseconds += milliseconds;
      this.#times.set(name, time);
      this.#events?.push({ name, start: Number(stamps[2 * i]!) / 1e6, milliseconds });
    });
  }
}
