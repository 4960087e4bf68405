/**
 * @file The uniforms of all recorded dispatches, in one buffer with dynamic offsets.
 */

import { BufferUsage } from './constants.ts';

/** Bytes per dispatch: what every device accepts as a dynamic offset's multiple. */
export const UNIFORM_SLOT = 256;
const SLOTS = 512;

/** Slots that fill up until a submit, then start over. */
export class UniformRing {
  readonly buffer: GPUBuffer;
  readonly #queue: GPUQueue;
  readonly #host = new Uint8Array(SLOTS * UNIFORM_SLOT);
  readonly #words = new Uint32Array(this.#host.buffer);
  #used = 0;

  constructor(device: GPUDevice) {
    this.#queue = device.queue;
    this.buffer = device.createBuffer({
      label: 'uniforms',
      size: SLOTS * UNIFORM_SLOT,
      usage: BufferUsage.UNIFORM | BufferUsage.COPY_DST,
    });
  }

  /** Whether the next {@link push} needs a {@link write} and a submit before it. */
  get full(): boolean {
    return this.#used === SLOTS;
  }

  /** Keeps `bytes` for one dispatch, with `firstWorkgroup` added to their last word, and returns their offset. */
  push(bytes: ArrayBuffer, firstWorkgroup = 0): number {
    const offset = this.#used++ * UNIFORM_SLOT;
    this.#host.set(new Uint8Array(bytes), offset);
    if (firstWorkgroup > 0)
      this.#words[(offset + bytes.byteLength) / Uint32Array.BYTES_PER_ELEMENT - 1]! += firstWorkgroup;
    return offset;
  }

  /**
   * Writes all slots to the GPU; call right before the submit of the commands that use them. The queue runs in
   * order, so commands submitted earlier have read the old contents by then, and the slots are free again.
   */
  write(): void {
    if (this.#used > 0) this.#queue.writeBuffer(this.buffer, 0, this.#host, 0, this.#used * UNIFORM_SLOT);
    this.#used = 0;
  }
}
