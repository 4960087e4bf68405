/**
 * @file Runs kernels on tensors, a batch in parts where a tensor is larger than an adapter can bind.
 */

import type { BufferSlice } from '../device/buffer-pool.ts';
import type { Device } from '../device/device.ts';
import { check, FoveaError } from '../errors.ts';
import { accumulatePlan } from '../kernels/accumulate.ts';
import type { Access, Bindings, BuffersOf } from '../kernels/buffers.ts';
import type { ElementwisePlans } from '../kernels/elementwise.ts';
import type { Operand } from '../kernels/padding.ts';
import type { KernelPlan } from '../kernels/plan.ts';
import { type KernelSequence, type SequenceStep, singleDispatch } from '../kernels/sequence.ts';
import { greatestCommonDivisor, roundUp } from '../shape/shape.ts';
import { empty } from './create.ts';
import { type AnyTensor, Tensor } from './tensor.ts';
import type { DType } from './values.ts';

/** The tensors that a dispatch is given, by the names of its buffers. */
export type Operands<B> = Bindings<B, AnyTensor>;

/** {@link Operands} of any kernel. */
export type NamedTensors = Readonly<Record<string, AnyTensor | undefined>>;

/**
 * Runs `plan` on the memory of `tensors`. Throws 'invalid-argument' where one of its buffers is not given, or where it writes
 * to a tensor that is read-only.
 */
export function run<B>(plan: KernelPlan<B>, tensors: Operands<B>): void {
  const { names, access } = plan;
  const slices = new Array<BufferSlice>(names.length);
  for (let i = 0; i < names.length; i++)
    slices[i] = memoryFor(operandOf(plan, tensors as NamedTensors, names[i]!), access[i]!);
  (tensors as NamedTensors)[names[0]!]!.device.run(plan, slices);
}

/** Runs all dispatches of `sequence`. Throws as {@link run} does. */
export function runSequence<B>({ once, steps, scratch }: KernelSequence<B>, tensors: Operands<B>): void {
  const named = tensors as NamedTensors;
  const made: Scratch = new Map();
  const memoryOf: MemoryOf = (name, access, plan) => memoryFor(operandOf(plan, named, name), access);
  const { device } = named[givenNames(named)[0]!]!;
  runSteps(device, once.length > 0 ? [...once, ...steps] : steps, scratch, made, memoryOf);
  freeAll(made);
}

/** The memory of what a step calls `name` and no scratch buffer is. */
type MemoryOf = (name: string, access: Access, plan: KernelPlan) => BufferSlice;

/** Scratch buffers by name. */
type Scratch = Map<string, Tensor>;

/** Runs `steps` in order, on `made` and on scratch buffers of `sizes` that it makes, into `made`, when they are first named. */
function runSteps(
  device: Device,
  steps: readonly SequenceStep[],
  sizes: Readonly<Record<string, number>>,
  made: Scratch,
  memoryOf: MemoryOf,
): void {
  for (const { plan, rename, frees } of steps) {
    const { names, access } = plan;
    const slices = new Array<BufferSlice>(names.length);
    for (let i = 0; i < names.length; i++) {
      const name = rename?.[names[i]!] ?? names[i]!;
      const size = sizes[name];
      slices[i] =
        size === undefined
          ? memoryOf(name, access[i]!, plan)
          : memoryFor(scratchOf(device, made, name, size), access[i]!);
    }
    device.run(plan, slices);
    if (frees) free(made, frees);
  }
}

function scratchOf(device: Device, made: Scratch, name: string, size: number): Tensor {
  let tensor = made.get(name);
  if (!tensor) {
    tensor = empty(device, [size]);
    made.set(name, tensor);
  }
  return tensor;
}

function free(made: Scratch, name: string): void {
  made.get(name)?.dispose();
  made.delete(name);
}

function freeAll(made: Scratch): void {
  for (const name of made.keys()) free(made, name);
}

function operandOf(plan: KernelPlan, tensors: NamedTensors, name: string): AnyTensor {
  const tensor = tensors[name];
  if (tensor === undefined) {
    throw new FoveaError(
      'invalid-argument',
      `kernel ${plan.name} takes a tensor called ${name}, and was given ${givenNames(tensors).join(', ') || 'none'}`,
    );
  }
  return tensor;
}

/** The names of what is given. */
export const givenNames = (tensors: NamedTensors): string[] =>
  Object.keys(tensors).filter((name) => tensors[name] !== undefined);

/** The memory of a tensor, to be used as a kernel uses it. */
function memoryFor(tensor: AnyTensor, access: Access): BufferSlice {
  return access === 'read_write' ? tensor.writable() : tensor.slice;
}

/** Some images of a batch that lie one after the other. */
export interface Chunk {
  readonly first: number;
  readonly images: number;
}

/** A tensor that a kernel sees whole, whichever images of the batch it works on: a weight, a statistic. */
export interface Whole {
  readonly whole: AnyTensor;
}

/** Marks a tensor as {@link Whole}. */
export const whole = (tensor: AnyTensor): Whole => ({ whole: tensor });

/** Offsets into a buffer that every device can bind at. */
const OFFSET_ALIGNMENT = 256;

/**
 * The parts that a batch must be run in so that what an adapter can bind of each tensor holds one: mostly one part.
 * `tensors` have the batch as their outermost axis in memory. A part has at most `most` images, if it can be so small.
 * Throws 'unsupported' where not even one image can be bound.
 */
export function batchChunks(batch: number, tensors: readonly AnyTensor[], most = batch): Chunk[] {
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
export function chunkOf<D extends DType>(tensor: Tensor<D>, chunk: Chunk): Tensor<D> {
  const [batch, ...rest] = tensor.shape as [number, ...number[]];
  if (chunk.images === batch) return tensor;
  const { device, layout, dtype } = tensor;
  const description = { shape: [chunk.images, ...rest], layout, dtype };
  return Tensor.on(device, description, chunkSlice(tensor.slice, tensor, batch, chunk), tensor.readOnly);
}

/** The part of a tensor's memory that holds a chunk's images. */
function chunkSlice(
  slice: BufferSlice,
  { bytes }: AnyTensor,
  batch: number,
  { first, images }: Chunk,
): BufferSlice {
  if (images === batch) return slice;
  const size = bytes / batch;
  return { buffer: slice.buffer, offset: slice.offset + first * size, bytes: roundUp(images * size, 16) };
}

/**
 * Runs the sequence that `makeSequence` gives for some images on each part of a batch, of `most` images at most. Operands are
 * tensors whose outermost axis in memory is the batch, or {@link whole} ones.
 */
export function runSequenceOverBatch<B>(
  batch: number,
  makeSequence: (chunk: Chunk) => KernelSequence<B>,
  operands: Bindings<B, AnyTensor | Whole>,
  most = batch,
): void {
  const named = operands as Readonly<Record<string, AnyTensor | Whole | undefined>>;
  const split: AnyTensor[] = [];
  for (const name in named) {
    const operand = named[name];
    if (operand && !('whole' in operand)) split.push(operand);
  }
  const { device } = split[0]!;
  const kept: Scratch = new Map();
  for (const chunk of batchChunks(batch, split, most)) {
    const memoryOf: MemoryOf = (name, access, plan) => {
      const operand = named[name];
      if (operand === undefined) return memoryFor(operandOf(plan, {}, name), access);
      if ('whole' in operand) return memoryFor(operand.whole, access);
      return chunkSlice(memoryFor(operand, access), operand, batch, chunk);
    };
    const { once, steps, scratch } = makeSequence(chunk);
    if (chunk.first === 0) runSteps(device, once, scratch, kept, memoryOf);
    // What a chunk's steps make is its own; mostly there is none of either.
    const made: Scratch = kept.size > 0 || steps.length > 1 ? new Map(kept) : kept;
    runSteps(device, steps, scratch, made, memoryOf);
    if (made !== kept) for (const name of made.keys()) if (!kept.has(name)) free(made, name);
  }
  freeAll(kept);
}

/** As {@link runSequenceOverBatch}, for a single dispatch. */
export function runOverBatch<B>(
  batch: number,
  makePlan: (chunk: Chunk) => KernelPlan<B>,
  operands: Bindings<B, AnyTensor | Whole>,
): void {
  runSequenceOverBatch(batch, (chunk) => singleDispatch(makePlan(chunk)), operands);
}

/**
 * Runs a function of elements on operands that broadcast to `result`, and numbers: in parts where a tensor is too large to be
 * bound, if all that extend along the outermost axis have it outermost in memory.
 */
export function runElementwise<Input extends string, Parameter extends string>(
  makePlan: ElementwisePlans<Input, Parameter>,
  result: Tensor,
  operands: Readonly<Record<Input, Tensor | number>>,
  parameters: Readonly<Record<Parameter, number>>,
): void {
  const bound: Record<string, Tensor | Whole> = { result };
  let batch = outermostExtent(result);
  for (const input in operands) {
    const operand = operands[input];
    if (typeof operand === 'number') continue;
    const extending = extendsAlongBatch(operand, result);
    bound[input] = extending ? operand : whole(operand);
    if (extending && outermostExtent(operand) === 1) batch = 1;
  }
  runOverBatch(
    batch,
    ({ images }) => {
      if (images === batch) return makePlan(result, operands, parameters);
      const parts: Record<string, Operand | number> = {};
      for (const input in operands) {
        const operand = operands[input];
        const isSplit = typeof operand !== 'number' && extendsAlongBatch(operand, result);
        parts[input] = isSplit ? imagesOf(operand, images) : operand;
      }
      return makePlan(imagesOf(result, images), parts as Record<Input, Operand | number>, parameters);
    },
    bound as Bindings<BuffersOf<'result', Input>, Tensor | Whole>,
  );
}

/** `sum += x`, both of one shape and layout; in parts where they are too large to be bound. */
export function runAccumulate(x: Tensor, sum: Tensor): void {
  const batch = outermostExtent(sum);
  const part = (images: number) => (images === batch ? sum : imagesOf(sum, images));
  runOverBatch(batch, ({ images }) => accumulatePlan(part(images)), { x, result: sum });
}

/** The extent of the axis that is the first one and outermost in memory; 1 where there is no such axis. */
const outermostExtent = ({ shape, layout }: Operand): number => (layout === 'filter' ? 1 : (shape[0] ?? 1));

/** Whether an operand has the result's first axis, and is not broadcast along it. */
const extendsAlongBatch = ({ shape }: Operand, result: Operand): boolean =>
  shape.length === result.shape.length && shape[0] === result.shape[0];

/** So many images of a batch. */
const imagesOf = ({ shape, layout }: Operand, images: number): Operand => ({
  shape: [images, ...shape.slice(1)],
  layout,
});

/** How many images of `size` bytes must lie before one that can be bound. */
function alignedImages(size: number): number {
  return OFFSET_ALIGNMENT / greatestCommonDivisor(OFFSET_ALIGNMENT, size);
}

function leastCommonMultiple(a: number, b: number): number {
  return (a / greatestCommonDivisor(a, b)) * b;
}
