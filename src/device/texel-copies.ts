/**
 * @file Copies of buffers as textures, for kernels that read texels (`readsTexels`).
 *
 * Commands run in order, so that one texture serves all buffers that name it (`x`, `weight`, `dy`): each dispatch copies what
 * it wants to read right before it runs, unless the texture still holds just that. A step that is repeated finds the very
 * same textures.
 */

import { TEXELS_PER_ROW } from '../kernels/buffers.ts';
import { ceilDivide } from '../shape/shape.ts';
import type { BufferSlice } from './buffer-pool.ts';
import { TextureUsage } from './constants.ts';
import type { Recorder } from './recorder.ts';

const BYTES_PER_TEXEL = 16;
const BYTES_PER_ROW = TEXELS_PER_ROW * BYTES_PER_TEXEL;

/** Rows that every WebGPU device offers. */
const MOST_ROWS = 8192;
const FEWEST_ROWS = 64;

/** The largest buffer of which there can be a copy. */
export const MOST_TEXEL_BYTES = MOST_ROWS * BYTES_PER_ROW;

/** A texture that holds a copy. */
export interface TexelCopy {
  /** Unique in its device; part of the keys of bind groups. */
  readonly textureKey: string;
  readonly texture: GPUTexture;
  readonly view: GPUTextureView;
  readonly rows: number;
  /** What it is a copy of, if of anything. */
  source: BufferSlice | undefined;
}

/** The textures of a device by name. */
export class TexelCopies {
  readonly #device: GPUDevice;
  readonly #recorder: Recorder;
  readonly #onDestroy: (copy: TexelCopy) => void;
  readonly #copies = new Map<string, TexelCopy>();
  #nextId = 0;

  /** `onDestroy` is called for every texture that gives way to a larger one. */
  constructor(device: GPUDevice, recorder: Recorder, onDestroy: (copy: TexelCopy) => void) {
    this.#device = device;
    this.#recorder = recorder;
    this.#onDestroy = onDestroy;
  }

  /** The texture of `name`, which holds a copy of `slice`, of at most {@link MOST_TEXEL_BYTES}. */
  bind(name: string, slice: BufferSlice): TexelCopy {
    const copy = this.reserve(name, slice.bytes);
    if (!copy.source || !isSame(copy.source, slice)) this.#record(slice, copy.texture);
    copy.source = slice;
    return copy;
  }

  /** To be called after `slice` was written: a copy of any part of its buffer is out of date. */
  invalidate({ buffer }: BufferSlice): void {
    for (const copy of this.#copies.values()) if (copy.source?.buffer === buffer) copy.source = undefined;
  }

  /**
   * The texture of `name`, with room for so many bytes. Creating one may have to wait for all that is submitted: better
   * before a step than within.
   */
  reserve(name: string, bytes: number): TexelCopy {
    const rows = ceilDivide(bytes, BYTES_PER_ROW);
    const old = this.#copies.get(name);
    if (old && old.rows >= rows) return old;
    if (old) this.#destroy(old);
    const copy = this.#create(rows);
    this.#copies.set(name, copy);
    return copy;
  }

  /** A copy is a rectangle: bytes beyond the slice come along where the buffer has them, else the last row by itself. */
  #record({ buffer, offset, bytes }: BufferSlice, texture: GPUTexture): void {
    const copy = (row: number, width: number, height: number) =>
      this.#recorder.copyToTexture(
        { buffer: buffer.gpu, offset: offset + row * BYTES_PER_ROW, bytesPerRow: BYTES_PER_ROW },
        row === 0 ? { texture } : { texture, origin: [0, row] },
        [width, height],
        width * height * BYTES_PER_TEXEL,
      );
    const rows = ceilDivide(bytes, BYTES_PER_ROW);
    if (offset + rows * BYTES_PER_ROW <= buffer.bytes) {
      copy(0, TEXELS_PER_ROW, rows);
      return;
    }
    const whole = rows - 1;
    if (whole > 0) copy(0, TEXELS_PER_ROW, whole);
    copy(whole, (bytes - whole * BYTES_PER_ROW) / BYTES_PER_TEXEL, 1);
  }

  #create(rows: number): TexelCopy {
    const most = Math.max(FEWEST_ROWS, 2 ** Math.ceil(Math.log2(rows)));
    const texture = this.#device.createTexture({
      size: [TEXELS_PER_ROW, most],
      format: 'rgba32float',
      usage: TextureUsage.COPY_DST | TextureUsage.STORAGE_BINDING,
    });
    return {
      textureKey: `|t${this.#nextId++}:`,
      texture,
      view: texture.createView(),
      rows: most,
      source: undefined,
    };
  }

  #destroy(copy: TexelCopy): void {
    this.#recorder.flush(); // recorded commands may still use it
    this.#onDestroy(copy);
    copy.texture.destroy();
  }
}

function isSame(a: BufferSlice, b: BufferSlice): boolean {
  return a.buffer === b.buffer && a.offset === b.offset && a.bytes === b.bytes;
}
