/**
 * @file The pool of GPU buffers.
 *
 * Buffers come in size classes; of the idle ones of a class the oldest is handed out, so that the same sequence
 * of requests gets the very same buffers: a second training step creates none, and no bind group. The pool never
 * holds much more than the peak of what was in use at one time: beyond that, idle buffers are destroyed, oldest first.
 */

import { describe, isObject } from '../arguments.ts';
import { check, FoveaError } from '../errors.ts';
import { roundUp } from '../shape/shape.ts';
import { BufferUsage } from './constants.ts';
import type { WebGpu } from './webgpu-types.ts';

/** A buffer of the pool. */
export interface DeviceBuffer {
  /** Unique in its device, in the order in which buffers were made. */
  readonly id: number;
  /** The part of a bind group's key that stands for it. */
  readonly key: string;
  /** WebGPU's own buffer, another one once the device was opened again. */
  gpu: WebGpu<'GPUBuffer'>;
  /** The size of its class, in bytes. */
  readonly bytes: number;
  /** The pool it comes from, and thus the device. */
  readonly pool: object;
  /** Whether it was given back to the pool. */
  idle: boolean;
  /** How often it was handed out: what tells its holder from those before. */
  lease: number;
  /** Whether what it held went with a device that was lost. */
  lost: boolean;
}

/** A part of a buffer; what kernels are bound to. */
export interface BufferSlice {
  /** The buffer that it is a part of. */
  readonly buffer: DeviceBuffer;
  /** In bytes; a multiple of 256 unless it is 0. */
  readonly offset: number;
  /** In bytes; a multiple of 16. */
  readonly bytes: number;
}

/** The pool's counters, in bytes and buffers. */
export interface PoolStatistics {
  /** Bytes of the buffers that are handed out. */
  readonly bytesInUse: number;
  /** Bytes of the buffers that wait to be handed out again. */
  readonly bytesIdle: number;
  /** The most bytes that were in use at one time. */
  readonly peakBytesInUse: number;
  /** Buffers that are handed out. */
  readonly buffersInUse: number;
  /** Buffers that wait to be handed out again. */
  readonly buffersIdle: number;
  /** Buffers created since the device was. */
  readonly buffersCreated: number;
}

/** The limits of a pool. */
export interface PoolOptions {
  /** The largest buffer the device can create, in bytes. */
  readonly maxBufferBytes: number;
  /** Bytes that may be held in all, in use and idle; no bound of its own by default. */
  readonly memoryLimit?: number;
  /** Called after a buffer was created: there may have been no memory for it. */
  readonly onCreate?: () => void;
  /** Called before any buffer is destroyed: recorded commands that use it must be submitted first. */
  readonly beforeDestroy?: () => void;
  /** Called for each buffer that is destroyed. */
  readonly onDestroy?: (buffer: DeviceBuffer) => void;
}

/** Storage buffers may be bound as `array<vec4f>`. */
const GRANULE = 16;
/** WebGPU copies, clears and writes multiples of so many bytes. */
const WORD = 4;
const SMALLEST_CLASS = 256;
/** Classes per power of two: at most a fifth of a buffer is wasted. */
const CLASSES_PER_OCTAVE = 4;
/** How much more than the peak in use the pool may hold. */
const SLACK = 1.25;
const SLACK_BYTES = 64 * 2 ** 20;

/** The size class of a request: `2ⁿ · (1 + k/4)`. */
export function sizeClass(bytes: number): number {
  if (bytes <= SMALLEST_CLASS) return SMALLEST_CLASS;
  const octave = 2 ** Math.floor(Math.log2(bytes));
  return roundUp(bytes, octave / CLASSES_PER_OCTAVE);
}

const isWords = (bytes: number): boolean => Number.isInteger(bytes) && bytes >= 0 && bytes % WORD === 0;

function liesIn(buffer: DeviceBuffer, { offset, bytes }: BufferSlice): boolean {
  return isWords(offset) && isWords(bytes) && bytes > 0 && offset + bytes <= buffer.bytes;
}

/** Hands out buffers and takes them back. */
export class BufferPool {
  #device: GPUDevice;
  readonly #options: PoolOptions;
  readonly #inUse = new Set<DeviceBuffer>();
  /** By size class, the newest first. */
  readonly #idle = new Map<number, DeviceBuffer[]>();
  /** Idle buffers, in the order in which they became idle. */
  readonly #order = new Set<DeviceBuffer>();
  #nextId = 0;
  #bytesInUse = 0;
  #bytesIdle = 0;
  #peak = 0;

  constructor(device: GPUDevice, options: PoolOptions) {
    this.#device = device;
    this.#options = options;
  }

  /** The counters. */
  get statistics(): PoolStatistics {
    return {
      bytesInUse: this.#bytesInUse,
      bytesIdle: this.#bytesIdle,
      peakBytesInUse: this.#peak,
      buffersInUse: this.#inUse.size,
      buffersIdle: this.#order.size,
      buffersCreated: this.#nextId,
    };
  }

  /**
   * A buffer of at least `bytes`, its contents arbitrary; as a slice of `bytes` rounded up to 16.
   * Throws 'unsupported' beyond the adapter's largest buffer, 'out-of-memory' beyond the memory limit.
   */
  acquire(bytes: number): BufferSlice {
    const needed = Math.max(GRANULE, roundUp(bytes, GRANULE));
    const { maxBufferBytes } = this.#options;
    check(
      needed <= maxBufferBytes,
      'unsupported',
      () =>
        `a buffer of ${needed} bytes is larger than the adapter's largest, ${maxBufferBytes}: use a smaller batch`,
    );
    const size = Math.min(sizeClass(needed), Math.floor(maxBufferBytes / GRANULE) * GRANULE);
    const buffer = this.#takeIdle(size) ?? this.#create(size);
    buffer.lease++;
    this.#hold(buffer);
    this.#peak = Math.max(this.#peak, this.#bytesInUse);
    return { buffer, offset: 0, bytes: needed };
  }

  #hold(buffer: DeviceBuffer): void {
    this.#inUse.add(buffer);
    this.#bytesInUse += buffer.bytes;
  }

  /**
   * Throws, unless `slice` lies in a buffer of this pool that is in use: 'invalid-argument' where it does not, 'disposed'
   * where the buffer was given back, 'device-lost' where its contents are gone. `what` names the operation, for the message.
   */
  checkSlice(what: string, slice: BufferSlice): void {
    const buffer = slice?.buffer;
    if (buffer?.pool !== this || buffer.idle || buffer.lost || !liesIn(buffer, slice))
      this.#refuse(what, slice);
  }

  #refuse(what: string, slice: BufferSlice): never {
    check(isObject(slice) && isObject(slice.buffer), 'invalid-argument', () => {
      return `${what} takes slices of buffers, got ${describe(slice)}: a tensor's is \`tensor.slice\``;
    });
    const { buffer, offset, bytes } = slice;
    const size = describe(bytes);
    check(buffer.pool === this, 'invalid-argument', () => {
      return `${what}: a slice of ${size} bytes lies in a buffer of another device: read it there, and upload it here`;
    });
    check(!buffer.idle, 'disposed', () => `${what}: a slice of ${size} bytes was used after it was freed`);
    check(!buffer.lost, 'device-lost', () => {
      return `${what}: ${size} bytes were lost with the device before it was opened again: make that tensor anew`;
    });
    throw new FoveaError(
      'invalid-argument',
      `${what}: a slice of ${size} bytes from byte ${describe(offset)} on does not lie in its buffer of ${buffer.bytes} bytes, in words of ${WORD}`,
    );
  }

  /** Takes the buffer of a slice back. Commands already recorded may still use it. Throws as {@link checkSlice}, but for what was lost. */
  release(slice: BufferSlice): void {
    const isLost = slice?.buffer?.pool === this && slice.buffer.lost;
    if (!isLost) this.checkSlice('free', slice);
    const { buffer } = slice;
    buffer.idle = true;
    if (!this.#inUse.delete(buffer)) return; // It was lost.
    this.#bytesInUse -= buffer.bytes;
    this.#bytesIdle += buffer.bytes;
    const idle = this.#idle.get(buffer.bytes) ?? [];
    let place = idle.length;
    while (place > 0 && idle[place - 1]!.id < buffer.id) place--;
    idle.splice(place, 0, buffer);
    this.#idle.set(buffer.bytes, idle);
    this.#order.add(buffer);
  }

  /** The buffers that are in use, in the order in which they were handed out. */
  get inUse(): Iterable<DeviceBuffer> {
    return this.#inUse;
  }

  /** Goes over to another device, the one before being gone: what is in use is lost, until it is {@link revive}d. */
  renew(device: GPUDevice): void {
    this.#device = device;
    for (const buffer of this.#inUse) buffer.lost = true;
    this.#inUse.clear();
    this.#idle.clear();
    this.#order.clear();
    this.#bytesInUse = 0;
    this.#bytesIdle = 0;
  }

  /** Gives a buffer that was lost memory again, of zeros. */
  revive(buffer: DeviceBuffer): void {
    buffer.gpu = this.#createGpu(buffer.bytes);
    buffer.lost = false;
    this.#hold(buffer);
  }

  /** Destroys all idle buffers. */
  trim(): void {
    this.#evict(Number.POSITIVE_INFINITY);
  }

  #takeIdle(size: number): DeviceBuffer | undefined {
    const buffer = this.#idle.get(size)?.pop();
    if (buffer) {
      this.#order.delete(buffer);
      this.#bytesIdle -= size;
      buffer.idle = false;
    }
    return buffer;
  }

  #create(size: number): DeviceBuffer {
    const { memoryLimit = Number.POSITIVE_INFINITY } = this.#options;
    const bound = Math.min(memoryLimit, Math.max(this.#peak, this.#bytesInUse + size) * SLACK + SLACK_BYTES);
    this.#evict(this.#bytesInUse + this.#bytesIdle + size - bound);
    if (this.#bytesInUse + size > memoryLimit) {
      throw new FoveaError(
        'out-of-memory',
        `${size} bytes more than the ${this.#bytesInUse} in use exceed the device's memory limit of ${memoryLimit}: ` +
          'dispose tensors, use a smaller batch or raise `memoryLimit`',
      );
    }
    const gpu = this.#createGpu(size);
    const id = this.#nextId++;
    return { id, key: `|${id}:`, gpu, bytes: size, pool: this, idle: false, lease: 0, lost: false };
  }

  #createGpu(size: number): GPUBuffer {
    const usage = BufferUsage.STORAGE | BufferUsage.COPY_SRC | BufferUsage.COPY_DST;
    const gpu = this.#device.createBuffer({ size, usage });
    this.#options.onCreate?.();
    return gpu;
  }

  /** Destroys idle buffers, oldest first, until `excess` bytes are freed or none is left. */
  #evict(excess: number): void {
    if (excess > 0 && this.#order.size > 0) this.#options.beforeDestroy?.();
    for (const buffer of this.#order) {
      if (excess <= 0) return;
      excess -= buffer.bytes;
      const idle = this.#idle.get(buffer.bytes)!;
      idle.splice(idle.indexOf(buffer), 1);
      this.#order.delete(buffer);
      this.#bytesIdle -= buffer.bytes;
      this.#options.onDestroy?.(buffer);
      buffer.gpu.destroy();
    }
  }
}
