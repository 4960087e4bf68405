/**
 * @file The arena: all parameters of an optimizer in a few flat buffers, their gradients in twins.
 *
 * An update is then one dispatch a buffer and not one a parameter. Parameters begin at multiples of 256 bytes, so
 * that each can also be bound by itself; the gaps between them hold zeros, and an update keeps them zero.
 */

import { setGradTarget } from '../autograd/graph.ts';
import type { BufferSlice } from '../device/buffer-pool.ts';
import type { Device } from '../device/device.ts';
import { check } from '../errors.ts';
import type { Parameter } from '../nn/parameter.ts';
import { roundUp } from '../shape/shape.ts';
import { countBytes } from '../tensor/scope.ts';

/** What WebGPU guarantees to accept as the offset of a binding. */
export const ALIGNMENT = 256;

/** Where a parameter lies. */
export interface Place {
  /** Which of the flat buffers. */
  readonly buffer: number;
  /** In bytes, a multiple of 256. */
  readonly offset: number;
  /** In bytes, a multiple of 256: the gap behind the parameter counts. */
  readonly bytes: number;
}

/**
 * Lays blocks of so many `bytes` out, in order, in buffers of at most `limit` bytes. Throws 'unsupported' where a
 * block alone is larger.
 */
export function planArena(bytes: readonly number[], limit: number): Place[] {
  let buffer = 0;
  let offset = 0;
  return bytes.map((size) => {
    const needed = roundUp(size, ALIGNMENT);
    check(
      needed <= limit,
      'unsupported',
      () =>
        `a parameter of ${needed} bytes exceeds the adapter's limit of ${limit} per buffer: use fewer channels`,
    );
    if (offset + needed > limit) {
      buffer++;
      offset = 0;
    }
    const place = { buffer, offset, bytes: needed };
    offset += needed;
    return place;
  });
}

/** Neighbours in one buffer. */
export interface Run extends Place {
  /** The index of the first of them. */
  readonly first: number;
}

/** The chosen places, neighbours in one buffer as one where `joins` says so of the first of them and the next. */
export function mergePlaces(
  places: readonly Place[],
  chosen: (index: number) => boolean,
  joins: (first: number, next: number) => boolean = () => true,
): Run[] {
  const runs: Run[] = [];
  places.forEach((place, i) => {
    if (!chosen(i)) return;
    const last = runs.at(-1);
    if (
      last &&
      last.buffer === place.buffer &&
      last.offset + last.bytes === place.offset &&
      joins(last.first, i)
    ) {
      runs[runs.length - 1] = { ...last, bytes: last.bytes + place.bytes };
    } else {
      runs.push({ ...place, first: i });
    }
  });
  return runs;
}

/** Flat memory for parameters, for their gradients, and for whatever else there is one of a parameter. */
export class ParameterArena {
  readonly device: Device;
  readonly parameters: readonly Parameter[];
  /** Where each parameter lies in {@link values} and in every twin. */
  readonly places: readonly Place[];
  readonly values: readonly BufferSlice[];
  readonly gradients: readonly BufferSlice[];
  readonly #allocated: BufferSlice[] = [];

  /** Moves the parameters into the arena, with their values; gradients they have now are forgotten. */
  constructor(device: Device, parameters: readonly Parameter[]) {
    const { maxStorageBufferBindingSize, maxBufferSize } = device.info.limits;
    this.device = device;
    this.parameters = parameters;
    this.places = planArena(
      parameters.map(({ tensor }) => tensor.slice.bytes),
      Math.min(maxStorageBufferBindingSize, maxBufferSize),
    );
    this.values = this.allocateTwin();
    this.gradients = this.allocateTwin();
    parameters.forEach(({ tensor }, i) => {
      const own = this.sliceOf(this.values, i);
      device.copy(tensor.slice, own);
      tensor.moveTo(own);
      setGradTarget(tensor, this.sliceOf(this.gradients, i));
    });
  }

  /** Flat buffers of the arena's layout, filled with zeros. They are freed with the arena. */
  allocateTwin(): BufferSlice[] {
    const twin = allocateFlat(this.device, this.places);
    this.#allocated.push(...twin);
    return twin;
  }

  /** The part of a twin, or of {@link values}, that belongs to parameter `index`. */
  sliceOf(twin: readonly BufferSlice[], index: number): BufferSlice {
    const { buffer, offset } = this.places[index]!;
    return { buffer: twin[buffer]!.buffer, offset, bytes: this.parameters[index]!.tensor.slice.bytes };
  }

  /** Whether parameter `index` lies here still, and in no arena that was made of it later. */
  holds(index: number): boolean {
    const { buffer, offset } = this.places[index]!;
    const { slice } = this.parameters[index]!.tensor;
    return slice.buffer === this.values[buffer]!.buffer && slice.offset === offset;
  }

  /** Whether {@link dispose} was called. */
  get disposed(): boolean {
    return this.#allocated.length === 0;
  }

  /** Frees the arena and all its twins. The parameters that it holds go back, with their values, to memory of their own. */
  dispose(): void {
    if (this.disposed) return;
    for (const [i, { tensor }] of this.parameters.entries()) {
      if (tensor.disposed || !this.holds(i)) continue;
      const own = this.device.allocate(tensor.slice.bytes);
      this.device.copy(tensor.slice, own);
      tensor.moveTo(own, true);
      setGradTarget(tensor, undefined);
    }
    freeFlat(this.device, this.#allocated.splice(0));
  }
}

/** Flat buffers for `places`, filled with zeros; they count as memory of tensors. */
export function allocateFlat(device: Device, places: readonly Place[]): BufferSlice[] {
  const sizes: number[] = [];
  for (const { buffer, offset, bytes } of places) sizes[buffer] = offset + bytes;
  const flat = sizes.map((bytes) => device.allocate(bytes));
  for (const slice of flat) device.clear(slice);
  countBytes(device, bytesOf(flat));
  return flat;
}

/** Undoes {@link allocateFlat}. */
export function freeFlat(device: Device, flat: readonly BufferSlice[]): void {
  countBytes(device, -bytesOf(flat));
  for (const slice of flat) device.free(slice);
}

const bytesOf = (slices: readonly BufferSlice[]) => slices.reduce((sum, { bytes }) => sum + bytes, 0);
