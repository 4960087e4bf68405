/**
 * @file Reads buffers back, without stalling the device.
 *
 * What is read is copied into staging buffers, which the host can map. No buffer is larger than the device allows, and mapping
 * one may take as much of the host's memory again: what is large is copied into several, and each is mapped when the one
 * before was freed. All copies are submitted at once, so that nothing recorded later changes what is read.
 */

import { FoveaError } from '../errors.ts';
import { roundUp } from '../shape/shape.ts';
import type { BufferSlice } from './buffer-pool.ts';
import { sizeClass } from './buffer-pool.ts';
import { BufferUsage, MapMode } from './constants.ts';
import type { Recorder } from './recorder.ts';

/** Idle staging buffers that are kept for later. */
const KEPT = 4;
/** Larger ones are not kept. */
const KEPT_BYTES = 2 ** 20;
/** The largest staging buffer. */
const PART_BYTES = 64 * 2 ** 20;
/** What offsets into a mapped buffer are multiples of. */
const ALIGNMENT = 8;

/** A stretch of a slice, on its way into the host's memory. */
interface Piece {
  readonly from: BufferSlice;
  /** Where it lies in the staging buffer. */
  readonly offset: number;
  readonly to: Uint8Array;
}

/** A staging buffer and what comes through it. */
interface Part {
  readonly staging: GPUBuffer;
  readonly pieces: readonly Piece[];
}

/** The second half of a reading. */
export interface Reading {
  /** Waits for the copies, and gives the bytes of each slice. */
  finish(): Promise<ArrayBuffer[]>;
  /** In place of it: gives the copies up. */
  abandon(): void;
}

/** The staging buffers of a device. */
export class Readback {
  readonly #device: GPUDevice;
  readonly #recorder: Recorder;
  readonly #partBytes: number;
  readonly #idle: GPUBuffer[] = [];

  constructor(device: GPUDevice, recorder: Recorder) {
    this.#device = device;
    this.#recorder = recorder;
    const { maxBufferSize } = device.limits;
    this.#partBytes = Math.min(PART_BYTES, maxBufferSize - (maxBufferSize % ALIGNMENT));
  }

  /**
   * The bytes of each slice, as they are after all that was recorded before; one submit for all. Throws 'out-of-memory' where
   * the host has no room for them.
   */
  async read(slices: readonly BufferSlice[]): Promise<ArrayBuffer[]> {
    return this.start(slices).finish();
  }

  /** The first half of {@link read}, which submits the copies. Throws 'out-of-memory' where the host has no room for the bytes. */
  start(slices: readonly BufferSlice[]): Reading {
    const results = slices.map(({ bytes }) => hostMemory(bytes));
    const parts = split(slices, results, this.#partBytes).map((pieces) => this.#copy(pieces));
    this.#recorder.flush();
    const abandon = () => {
      for (const { staging } of parts.splice(0)) staging.destroy();
    };
    const finish = async () => {
      try {
        for (let part = parts[0]; part; part = parts[0]) {
          await this.#take(part);
          parts.shift();
        }
      } catch (error) {
        abandon();
        throw error;
      }
      return results;
    };
    return { finish, abandon };
  }

  /** Records the copies of `pieces` into a staging buffer. */
  #copy(pieces: readonly Piece[]): Part {
    const staging = this.#acquire(bytesOf(pieces));
    for (const { from, offset } of pieces) this.#recorder.copy(from, staging, offset);
    return { staging, pieces };
  }

  /** Waits for the copies, and takes them out of the staging buffer. */
  async #take({ staging, pieces }: Part): Promise<void> {
    const bytes = bytesOf(pieces);
    await staging.mapAsync(MapMode.READ, 0, bytes);
    const mapped = staging.getMappedRange(0, bytes);
    for (const { offset, to } of pieces) to.set(new Uint8Array(mapped, offset, to.length));
    staging.unmap();
    this.#release(staging);
  }

  #acquire(bytes: number): GPUBuffer {
    const size = Math.min(sizeClass(bytes), this.#partBytes);
    const index = this.#idle.findIndex((buffer) => buffer.size === size);
    if (index >= 0) return this.#idle.splice(index, 1)[0]!;
    return this.#device.createBuffer({ size, usage: BufferUsage.MAP_READ | BufferUsage.COPY_DST });
  }

  #release(buffer: GPUBuffer): void {
    if (buffer.size > KEPT_BYTES) {
      buffer.destroy();
      return;
    }
    this.#idle.push(buffer);
    if (this.#idle.length > KEPT) this.#idle.shift()!.destroy();
  }
}

/** The pieces of each staging buffer, none larger than `partBytes`. */
function split(
  slices: readonly BufferSlice[],
  results: readonly ArrayBuffer[],
  partBytes: number,
): Piece[][] {
  const parts: Piece[][] = [];
  let free = 0;
  slices.forEach((slice, i) => {
    for (let done = 0; done < slice.bytes; ) {
      if (free === 0) {
        parts.push([]);
        free = partBytes;
      }
      const bytes = Math.min(slice.bytes - done, free);
      parts.at(-1)!.push({
        from: { buffer: slice.buffer, offset: slice.offset + done, bytes },
        offset: partBytes - free,
        to: new Uint8Array(results[i]!, done, bytes),
      });
      done += bytes;
      free -= roundUp(bytes, ALIGNMENT);
    }
  });
  return parts;
}

/** The bytes of a staging buffer for `pieces`. */
function bytesOf(pieces: readonly Piece[]): number {
  const { offset, to } = pieces.at(-1)!;
  return roundUp(offset + to.length, ALIGNMENT);
}

function hostMemory(bytes: number): ArrayBuffer {
  try {
    return new ArrayBuffer(bytes);
  } catch (cause) {
    throw new FoveaError(
      'out-of-memory',
      `there is no room for the ${bytes} bytes that are read: read a part of the tensor, or give this program more memory`,
      { cause },
    );
  }
}
