/**
 * @file The contents of a device's memory on the host, so that it can be given them again when it was lost.
 *
 * They are copied on the device, within the command stream, and read while later commands run. A snapshot knows
 * memory, not tensors: it makes no difference whether a model, an optimizer or the user's own loss holds it.
 */

import { ARRAY, instanceOf, type OptionRules, type Rule } from '../arguments.ts';
import { FoveaError } from '../errors.ts';
import type { BufferPool, BufferSlice, DeviceBuffer } from './buffer-pool.ts';
import { closeScopes, openScopes, type ScopedError } from './error-scopes.ts';
import type { Readback, Reading } from './readback.ts';
import type { Recorder } from './recorder.ts';

/** What a buffer held. */
interface Entry {
  readonly buffer: DeviceBuffer;
  /** Whose it was. */
  readonly lease: number;
  /** Undefined where it need not be kept. */
  readonly bytes: ArrayBuffer | undefined;
}

/** What `device.snapshot` leaves out. */
export interface SnapshotOptions {
  /** Memory whose contents need not be kept, gradients that were used for instance: it comes back as zeros. */
  readonly except?: readonly BufferSlice[];
}

/** The rules of {@link SnapshotOptions}. */
export const SNAPSHOT_OPTIONS: OptionRules<SnapshotOptions> = { except: ARRAY };

/** The contents of all memory that was in use on a device, as `device.snapshot` found it. */
export class MemorySnapshot {
  readonly #entries: readonly Entry[];

  /** @internal */
  constructor(entries: readonly Entry[]) {
    this.#entries = entries;
  }

  /** Bytes on the host. */
  get bytes(): number {
    return this.#entries.reduce((sum, { bytes }) => sum + (bytes?.byteLength ?? 0), 0);
  }

  /** @internal What each buffer held. */
  get entries(): readonly Entry[] {
    return this.#entries;
  }
}

/** Gives what was lost since, and is held by the same, its contents again. Its types are none that declarations may name. */
export function restoreMemory({ entries }: MemorySnapshot, gpu: GPUDevice, pool: BufferPool): void {
  for (const { buffer, lease, bytes } of entries) {
    if (buffer.pool !== pool || buffer.lease !== lease || buffer.idle || !buffer.lost) continue;
    pool.revive(buffer);
    if (bytes) gpu.queue.writeBuffer(buffer.gpu, 0, bytes);
  }
}

/** A {@link MemorySnapshot}. */
export const SNAPSHOT: Rule = /* @__PURE__ */ instanceOf(
  MemorySnapshot,
  'what device.snapshot() resolves to',
);

/** What a snapshot is read with. */
interface Reader {
  readonly gpu: GPUDevice;
  readonly recorder: Recorder;
  readonly readback: Readback;
}

/**
 * The contents of all that `pool` has handed out, as they are after all that was recorded before. Rejects with 'out-of-memory' where
 * there is no room for them, and the device goes on.
 */
export async function takeSnapshot(
  { gpu, recorder, readback }: Reader,
  pool: BufferPool,
  { except = [] }: SnapshotOptions,
): Promise<MemorySnapshot> {
  const passedOver = new Set(except.map(({ buffer }) => buffer));
  const entries = Array.from(pool.inUse, (buffer) => ({ buffer, lease: buffer.lease }));
  const kept = entries.filter(({ buffer }) => !passedOver.has(buffer));
  recorder.flush(); // What is refused from here to the closing of the scopes concerns the snapshot alone.
  openScopes(gpu);
  let closing: Promise<ScopedError | undefined>;
  let reading: Reading;
  try {
    reading = readback.start(kept.map(({ buffer }) => ({ buffer, offset: 0, bytes: buffer.bytes })));
  } finally {
    closing = closeScopes(gpu);
  }
  const refused = await closing;
  if (refused) {
    reading.abandon();
    throw new FoveaError('out-of-memory', `there is no room to copy the device's memory: ${refused.message}`);
  }
  const contents = await reading.finish();
  const bytesOf = new Map(kept.map(({ buffer }, i) => [buffer, contents[i]!]));
  return new MemorySnapshot(entries.map((entry) => ({ ...entry, bytes: bytesOf.get(entry.buffer) })));
}
