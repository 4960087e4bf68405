/**
 * @file The tensor: a shape, a layout and a handle on memory of a device.
 */

import { counted } from '../counted.ts';
import type { BufferSlice } from '../device/buffer-pool.ts';
import type { Device } from '../device/device.ts';
import { DISPOSE } from '../device/disposal.ts';
import { check, FoveaError } from '../errors.ts';
import { defaultLayout, type Layout, memorySize, pack, unpack } from '../shape/layout.ts';
import { formatShape, type Shape, sameShape, sizeOf } from '../shape/shape.ts';
import { countBytes, register, unregister } from './scope.ts';
import {
  type DataOf,
  DTYPES,
  type DType,
  elementsOf,
  shapeOfValues,
  type TensorData,
  type TensorValues,
} from './values.ts';

/** The method that `console.log` of Node asks for. */
const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** Memory that one or more tensors share; freed with the last of them. */
class Storage {
  readonly device: Device;
  readonly slice: BufferSlice;
  /** How many times it was written to, see {@link Tensor.version}. */
  version = 0;
  readonly #owned: boolean;
  #handles = 0;

  /** @param owned whether the memory goes back to the pool with the last handle */
  constructor(device: Device, slice: BufferSlice, owned: boolean) {
    this.device = device;
    this.slice = slice;
    this.#owned = owned;
  }

  /** Whether one handle alone holds the memory. */
  get isSole(): boolean {
    return this.#owned && this.#handles === 1;
  }

  retain(): this {
    if (this.#handles++ === 0 && this.#owned) countBytes(this.device, this.slice.bytes);
    return this;
  }

  release(): void {
    if (--this.#handles > 0 || !this.#owned) return;
    countBytes(this.device, -this.slice.bytes);
    this.device.free(this.slice);
  }
}

/** The name and the properties of a tensor to be made. */
export interface TensorDescription<D extends DType = DType> {
  /** Extents, outermost first. */
  readonly shape: Shape;
  /** How its elements lie in memory. */
  readonly layout: Layout;
  /** The type of its elements. */
  readonly dtype: D;
}

/** A tensor of whatever element type. */
export type AnyTensor = Tensor<DType>;

/**
 * An array of numbers on a device, of type f32 unless `D` says another. Make one with `tensor`, `zeros`, `full` or an op.
 */
export class Tensor<D extends DType = 'f32'> {
  /** Where its memory lies. */
  readonly device: Device;
  /** Extents, outermost first, as the original has them: `[N, C, H, W]` for images. */
  readonly shape: Shape;
  /** How the elements lie in memory. */
  readonly layout: Layout;
  /** The type of its elements. */
  readonly dtype: D;
  #storage: Storage | undefined;
  #readOnly: boolean;

  /** @internal */
  constructor(device: Device, description: TensorDescription<D>, storage: Storage, readOnly: boolean) {
    check(
      storage instanceof Storage,
      'invalid-argument',
      () => 'a Tensor has no public constructor: make one with tensor(), zeros(), full() or an op',
    );
    this.device = device;
    this.shape = description.shape;
    this.layout = description.layout;
    this.dtype = description.dtype;
    this.#storage = storage.retain();
    this.#readOnly = readOnly;
    register(this);
  }

  /** @internal A tensor with memory of its own, its contents arbitrary. */
  static allocate<D extends DType>(device: Device, description: TensorDescription<D>): Tensor<D> {
    const { shape, layout, dtype } = description;
    const bytes = memorySize(shape, layout) * DTYPES[dtype].BYTES_PER_ELEMENT;
    return new Tensor(device, description, new Storage(device, device.allocate(bytes), true), false);
  }

  /** @internal A tensor on memory that belongs to somebody else. */
  static on<D extends DType>(
    device: Device,
    description: TensorDescription<D>,
    slice: BufferSlice,
    readOnly = false,
  ): Tensor<D> {
    return new Tensor(device, description, new Storage(device, slice, false), readOnly);
  }

  /** The number of elements, padding not counted. */
  get size(): number {
    return sizeOf(this.shape);
  }

  /** The size of its memory in bytes, padding included. */
  get bytes(): number {
    return memorySize(this.shape, this.layout) * DTYPES[this.dtype].BYTES_PER_ELEMENT;
  }

  /** Whether {@link dispose} was called. */
  get disposed(): boolean {
    return this.#storage === undefined;
  }

  /** Its memory, to be read. Throws 'disposed' after {@link dispose}. */
  get slice(): BufferSlice {
    return this.#live.slice;
  }

  /** Whether {@link writable} throws. */
  get readOnly(): boolean {
    return this.#readOnly;
  }

  /** Makes this handle, and every alias that is made of it from now on, read-only. Returns it. */
  freeze(): this {
    this.#readOnly = true;
    return this;
  }

  /**
   * Its memory, to be written to. Throws 'disposed' after {@link dispose}, 'invalid-argument' where the handle is
   * read-only, as gradients are that backward hands to an op.
   */
  writable(): BufferSlice {
    const storage = this.#live;
    check(
      !this.#readOnly,
      'invalid-argument',
      () =>
        `a tensor of shape ${formatShape(this.shape)} is read-only, since others share its memory: write to a tensor of your own`,
    );
    storage.version++;
    return storage.slice;
  }

  /** How many times {@link writable} was called on this memory, by whichever handle: what was computed of an older version is out of date. */
  get version(): number {
    return this.#live.version;
  }

  /** Whether it may be written to and no other handle shares its memory. */
  get isSole(): boolean {
    return !this.#readOnly && this.#live.isSole;
  }

  get #live(): Storage {
    if (!this.#storage) {
      throw new FoveaError(
        'disposed',
        `a tensor of shape ${formatShape(this.shape)} was used after it was disposed: return it from its scope, or keep() it`,
      );
    }
    return this.#storage;
  }

  /** The elements in logical row-major order, without padding. */
  async data(): Promise<DataOf<D>> {
    const [bytes] = await this.device.read([this.slice]);
    return fromMemory(bytes!, this);
  }

  /** The value of a tensor of one element. Throws 'shape-mismatch' for a larger one. */
  async item(): Promise<number> {
    check(
      this.size === 1,
      'shape-mismatch',
      () => `item() reads a tensor of 1 element, this one is ${formatShape(this.shape)}: use data()`,
    );
    return (await this.data())[0]!;
  }

  /** Shape, type, layout and device, without the values, which are on the device: see {@link print}. */
  toString(): string {
    const what = `Tensor ${formatShape(this.shape)} ${this.dtype}, ${this.layout}, on ${this.device.info.name}`;
    return this.disposed ? `${what}, disposed` : what;
  }

  /** What `console.log(tensor)` prints in Node, Bun and Deno. */
  [INSPECT](): string {
    return this.toString();
  }

  /** The values as NumPy prints them: nested brackets, points below each other, and of more than 1000 elements the outer ones. */
  async format(): Promise<string> {
    const [values, { formatValues }] = await Promise.all([this.data(), import('./format.ts')]);
    return formatValues(values, this.shape, this.dtype);
  }

  /** Prints {@link toString} and, below it, {@link format}: `await loss.print()`. */
  async print(): Promise<void> {
    const values = await this.format();
    console.log(`${this}\n${values}`);
  }

  /** Another handle on the same memory; shape and layout may differ where the memory means the same. */
  alias(changes: Partial<Pick<TensorDescription, 'shape' | 'layout'>> = {}): Tensor<D> {
    const { shape, layout, dtype } = this;
    return new Tensor(this.device, { shape, layout, dtype, ...changes }, this.#live, this.#readOnly);
  }

  /**
   * Goes over to other memory, which belongs to somebody else unless it is `owned`: then it goes back to the pool
   * with the tensor. The contents are not copied.
   */
  moveTo(slice: BufferSlice, owned = false): void {
    const storage = new Storage(this.device, slice, owned).retain();
    this.#storage?.release();
    this.#storage = storage;
  }

  /** Gives the memory back, unless another handle shares it. May be called twice. */
  dispose(): void {
    if (!this.#storage) return;
    unregister(this);
    this.#storage.release();
    this.#storage = undefined;
  }

  /** As {@link dispose}, at the end of the block: `using x = tensor(device, [1, 2])`. */
  [DISPOSE](): void {
    this.dispose();
  }
}

/** Values in logical order out of the bytes of a tensor's memory. */
export function fromMemory<D extends DType>(
  bytes: ArrayBuffer,
  { shape, layout, dtype }: TensorDescription<D>,
): DataOf<D> {
  const Type = DTYPES[dtype];
  return unpack(new Type(bytes, 0, memorySize(shape, layout)) as TensorData, shape, layout) as DataOf<D>;
}

/**
 * Values in logical order, flat or nested as the shape is, as they lie in a tensor's memory. Throws 'shape-mismatch' for
 * another count or nesting, and as {@link elementsOf} does.
 */
export function toMemory(
  values: TensorValues,
  { shape, layout, dtype }: TensorDescription,
): TensorData & ArrayBufferView<ArrayBuffer> {
  const given = shapeOfValues(values);
  check(given.length === 1 ? given[0] === sizeOf(shape) : sameShape(given, shape), 'shape-mismatch', () => {
    const found = given.length === 1 ? `${given[0]}` : `an array nested as ${formatShape(given)}`;
    return `a tensor of shape ${formatShape(shape)} takes ${counted(sizeOf(shape), 'value')}, got ${found}`;
  });
  return pack(elementsOf(values, given, dtype), shape, layout) as TensorData & ArrayBufferView<ArrayBuffer>;
}

/** The layout asked for, or the one that the shape has by default. */
export function chosenLayout(shape: Shape, layout: Layout | undefined): Layout {
  return layout ?? defaultLayout(shape);
}
