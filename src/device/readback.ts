/**
 * @file Reads buffers back, without stalling the device.
 */

import { roundUp } from '../shape/shape.ts';
import type { BufferSlice } from './buffer-pool.ts';
import { sizeClass } from './buffer-pool.ts';
import { BufferUsage, MapMode } from './constants.ts';
import type { Recorder } from './recorder.ts';

/** Idle staging buffers that are kept for later. */
const KEPT = 4;
/** Larger ones are not kept. */
const KEPT_BYTES = 2 ** 20;

/** The staging buffers of a device. */
export class Readback {
  readonly #device: GPUDevice;
  readonly #recorder: Recorder;
  readonly #idle: GPUBuffer[] = [];

  constructor(device: GPUDevice, recorder: Recorder) {
    this.#device = device;
    this.#recorder = recorder;
  }

  /** The bytes of each slice, as they are after all that was recorded before; one copy and one submit for all. */
  async read(slices: readonly BufferSlice[]): Promise<ArrayBuffer[]> {
    const offsets: number[] = [];
    let total = 0;
    for (const { bytes } of slices) {
      offsets.push(total);
      total += roundUp(bytes, 8);
    }
    const staging = this.#acquire(total);
    slices.forEach((slice, i) => {
      this.#recorder.copy(slice, staging, offsets[i]!);
    });
    this.#recorder.flush();
    await staging.mapAsync(MapMode.READ, 0, total);
    const mapped = staging.getMappedRange(0, total);
    const copies = slices.map(({ bytes }, i) => mapped.slice(offsets[i]!, offsets[i]! + bytes));
    staging.unmap();
    this.#release(staging);
    return copies;
  }

  #acquire(bytes: number): GPUBuffer {
    const size = sizeClass(bytes);
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
