/**
 * @file Runs kernels on tensors, a batch in parts where a tensor is larger than an adapter can bind.
 */

import type { BufferSlice } from '../device/buffer-pool.ts';
import { check } from '../errors.ts';
import { type ElementwiseOp, elementwisePlan } from '../kernels/elementwise.ts';
import type { KernelPlan } from '../kernels/kernel.ts';
import type { Reduction } from '../kernels/reduce.ts';
import { greatestCommonDivisor, roundUp } from '../shape/shape.ts';
import { empty } from './create.ts';
import { Tensor } from './tensor.ts';

/**
 * Runs `plan` on the memory of `tensors`, one for each of its storage buffers in order. Throws 'invalid-argument' where
 * the kernel writes to a tensor that is read-only.
 */
export function run(plan: KernelPlan, ...tensors: readonly Tensor[]): void {
  tensors[0]!.device.run(
    plan,
    tensors.map((tensor, i) => memoryFor(plan, i, tensor)),
  );
}

/** The memory of a tensor as storage buffer `index` of a plan. */
function memoryFor({ access }: KernelPlan, index: number, tensor: Tensor): BufferSlice {
  return access[index] === 'read_write' ? tensor.writable() : tensor.slice;
}

/** Runs all dispatches of a reduction of `inputs` into `output`. */
export function runReduction({ plans, scratch }: Reduction, inputs: readonly Tensor[], output: Tensor): void {
  let sources = inputs;
  plans.forEach((plan, i) => {
    const size = scratch[i];
    const target = size === undefined ? output : empty(output.device, [size]);
    run(plan, ...sources, target);
    if (sources !== inputs) sources[0]!.dispose();
    sources = [target];
  });
}

/** Some images of a batch that lie one after the other. */
export interface Chunk {
  readonly first: number;
  readonly images: number;
}

/** A tensor that a kernel sees whole, whichever images of the batch it works on: a weight, a statistic. */
export interface Whole {
  readonly whole: Tensor;
}

/** Marks a tensor as {@link Whole}. */
export const whole = (tensor: Tensor): Whole => ({ whole: tensor });

/** Offsets into a buffer that every device can bind at. */
const OFFSET_ALIGNMENT = 256;

/**
 * The parts that a batch must be run in so that what an adapter can bind of each tensor holds one: mostly one part.
 * `tensors` have the batch as their outermost axis in memory. A part has at most `most` images, if it can be so small.
 * Throws 'unsupported' where not even one image can be bound.
 */
export function batchChunks(batch: number, tensors: readonly Tensor[], most = batch): Chunk[] {
  const limit = tensors[0]!.device.info.limits.maxStorageBufferBindingSize;
  if (most >= batch && tensors.every(({ slice }) => slice.bytes <= limit))
    return [{ first: 0, images: batch }];
  const sizes = tensors.map(({ bytes }) => bytes / batch);
  const step = sizes.reduce((images, size) => leastCommonMultiple(images, alignedImages(size)), 1);
  const bindable = Math.floor(limit / Math.max(...sizes));
  const fitting = Math.max(1, Math.min(most, bindable));
  const images = Math.min(fitting < step ? step : fitting - (fitting % step), bindable - (bindable % step));
  check(
    images > 0,
    'unsupported',
    () =>
      `${step} images of ${Math.max(...sizes)} bytes are more than the ${limit} that the adapter can bind: use smaller images`,
  );
  return Array.from({ length: Math.ceil(batch / images) }, (_, i) => ({
    first: i * images,
    images: Math.min(images, batch - i * images),
  }));
}

/** A handle on some images of a tensor, `tensor` itself if it is all of them. */
export function chunkOf(tensor: Tensor, chunk: Chunk): Tensor {
  const [batch, ...rest] = tensor.shape as [number, ...number[]];
  if (chunk.images === batch) return tensor;
  const { device, layout, dtype } = tensor;
  const description = { shape: [chunk.images, ...rest], layout, dtype };
  return Tensor.on(device, description, chunkSlice(tensor.slice, tensor, batch, chunk), tensor.readOnly);
}

/** The part of a tensor's memory that holds a chunk's images. */
function chunkSlice(
  slice: BufferSlice,
  { bytes }: Tensor,
  batch: number,
  { first, images }: Chunk,
): BufferSlice {
  if (images === batch) return slice;
  const size = bytes / batch;
  return { buffer: slice.buffer, offset: slice.offset + first * size, bytes: roundUp(images * size, 16) };
}

/**
 * Runs the plan that `makePlan` gives for a number of images on each part of a batch. Operands are the plan's storage
 * buffers in order: tensors whose outermost axis in memory is the batch, or {@link whole} ones.
 */
export function runOverBatch(
  batch: number,
  makePlan: (chunk: Chunk) => KernelPlan,
  ...operands: readonly (Tensor | Whole)[]
): void {
  const split = operands.filter((operand): operand is Tensor => !('whole' in operand));
  const { device } = split[0]!;
  for (const chunk of batchChunks(batch, split)) {
    const plan = makePlan(chunk);
    device.run(
      plan,
      operands.map((operand, i) =>
        'whole' in operand
          ? memoryFor(plan, i, operand.whole)
          : chunkSlice(memoryFor(plan, i, operand), operand, batch, chunk),
      ),
    );
  }
}

/**
 * Runs an elementwise op on tensors of one shape and layout, in parts where they are too large to be bound; `tensors`
 * are its inputs and its result.
 */
export function runElementwise(op: ElementwiseOp, ...tensors: readonly Tensor[]): void {
  const { shape, layout } = tensors.at(-1)!;
  const [outermost] = layout === 'filter' ? [1] : shape;
  const part = (images: number) => (layout === 'filter' ? shape : [images, ...shape.slice(1)]);
  runOverBatch(
    outermost ?? 1,
    ({ images }) => elementwisePlan(op, { shape: part(images), layout }),
    ...tensors,
  );
}

/** How many images of `size` bytes must lie before one that can be bound. */
function alignedImages(size: number): number {
  return OFFSET_ALIGNMENT / greatestCommonDivisor(OFFSET_ALIGNMENT, size);
}

function leastCommonMultiple(a: number, b: number): number {
  return (a / greatestCommonDivisor(a, b)) * b;
}
