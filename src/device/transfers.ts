/**
 * @file What changes buffers beside kernels: uploads, copies, clearing. Each keeps its place in the order of commands.
 */

import type { BufferPool, BufferSlice } from './buffer-pool.ts';
import type { Recorder } from './recorder.ts';
import type { TexelCopies } from './texel-copies.ts';

/** Records the transfers of a device. Slices are ones of its pool, large enough for what they take. */
export class Transfers {
  readonly #queue: GPUQueue;
  readonly #pool: BufferPool;
  readonly #recorder: Recorder;
  readonly #texelCopies: TexelCopies;

  constructor(queue: GPUQueue, pool: BufferPool, recorder: Recorder, texelCopies: TexelCopies) {
    this.#queue = queue;
    this.#pool = pool;
    this.#recorder = recorder;
    this.#texelCopies = texelCopies;
  }

  /** Writes `data` to the beginning of `slice`, and zeros up to a multiple of 4 bytes, which is what WebGPU writes. */
  upload(slice: BufferSlice, data: ArrayBufferView<ArrayBuffer>): void {
    this.#texelCopies.invalidate(slice);
    this.#recorder.flush(); // writeBuffer would overtake what is recorded and not submitted
    const whole = data.byteLength - (data.byteLength % 4);
    const write = (bytes: Uint8Array<ArrayBuffer>, at: number) =>
      this.#queue.writeBuffer(slice.buffer.gpu, slice.offset + at, bytes);
    if (whole > 0) write(new Uint8Array(data.buffer, data.byteOffset, whole), 0);
    if (whole < data.byteLength) {
      const tail = new Uint8Array(4);
      tail.set(new Uint8Array(data.buffer, data.byteOffset + whole, data.byteLength - whole));
      write(tail, whole);
    }
  }

  /** Copies `from` into the beginning of `to`. */
  copy(from: BufferSlice, to: BufferSlice): void {
    if (from.buffer === to.buffer) {
      // WebGPU copies nothing within a buffer.
      const apart = this.#pool.acquire(from.bytes);
      this.copy(from, apart);
      this.copy(apart, to);
      this.#pool.release(apart);
      return;
    }
    this.#recorder.copy(from, to.buffer.gpu, to.offset);
    this.#texelCopies.invalidate(to);
  }

  /** Fills `slice` with zero bytes. */
  clear(slice: BufferSlice): void {
    this.#recorder.clear(slice);
    this.#texelCopies.invalidate(slice);
  }
}
