/**
 * @file Runs kernels on tensors, a batch in parts where a tensor is larger than an adapter can bind.
 */

import type { BufferSlice } from '../device/buffer-pool.ts';
import type { Device } from '../device/device.ts';
import { check, FoveaError } from '../errors.ts';
import { type ElementwiseBuffers, type ElementwiseOp, elementwisePlan } from '../kernels/elementwise.ts';
import type { Access, Bindings, KernelPlan } from '../kernels/kernel.ts';
import { type KernelSequence, type SequenceStep, singleDispatch } from '../kernels/sequence.ts';
import { greatestCommonDivisor, roundUp } from '../shape/shape.ts';
import { empty } from './create.ts';
import { Tensor } from './tensor.ts';

/** The tensors that a dispatch is given, by the names of its buffers. */
export type Operands<B> = Bindings<B, Tensor>;

/** {@link Operands} of any kernel. */
export type NamedTensors = Readonly<Record<string, Tensor | undefined>>;

/**
 * Runs `plan` on the memory of `tensors`. Throws 'invalid-argument' where one of its buffers is not given, or more than it
 * has are, and where it writes to a tensor that is read-only.
 */
export function run<B>(plan: KernelPlan<B>, tensors: Operands<B>): void {
  const named = tensors as NamedTensors;
  const slices = plan.names.map((name, i) => memoryFor(operandOf(plan, named, name), plan.access[i]!));
  checkNames(plan.name, plan.names.length, named);
  deviceOf(named).run(plan, slices);
}

/** Runs all dispatches of `sequence`. Throws as {@link run} does. */
export function runSequence<B>(sequence: KernelSequence<B>, tensors: Operands<B>): void {
  const named = tensors as NamedTensors;
  const { once, steps, scratch } = sequence;
  const made = new Map<string, Tensor>();
  runSteps(
    deviceOf(named),
    once.length > 0 ? [...once, ...steps] : steps,
    scratch,
    made,
    (name, access, plan) => memoryFor(operandOf(plan, named, name), access),
  );
  for (const tensor of made.values()) tensor.dispose();
}

/** The memory of what a step calls `name` and no scratch buffer is. */
type Memory = (name: string, access: Access, plan: KernelPlan) => BufferSlice;

/**
 * Runs `steps` in order. A scratch buffer is made, into `made`, when a step first names it, and freed after the last one
 * that does, unless it was there before or `keep` says that others need it.
 */
function runSteps(
  device: Device,
  steps: readonly SequenceStep[],
  scratch: Readonly<Record<string, number>>,
  made: Map<string, Tensor>,
  memoryOf: Memory,
  keep = false,
): void {
  const before = new Set(made.keys());
  steps.forEach(({ plan, rename }, step) => {
    const called = rename ? plan.names.map((name) => rename[name] ?? name) : plan.names;
    const slices = called.map((name, i) => {
      const size = scratch[name];
      if (size === undefined) return memoryOf(name, plan.access[i]!, plan);
      if (!made.has(name)) made.set(name, empty(device, [size]));
      return memoryFor(made.get(name)!, plan.access[i]!);
    });
    device.run(plan, slices);
    if (keep) return;
    for (const name of called) {
      if (!made.has(name) || before.has(name) || isNamedAfter(steps, step, name)) continue;
      made.get(name)!.dispose();
      made.delete(name);
    }
  });
}

/** Whether a step after step number `step` names the buffer. */
function isNamedAfter(steps: readonly SequenceStep[], step: number, name: string): boolean {
  return steps
    .slice(step + 1)
    .some(({ plan, rename = {} }) => plan.names.some((own) => (rename[own] ?? own) === name));
}

function operandOf(plan: KernelPlan, tensors: NamedTensors, name: string): Tensor {
  const tensor = tensors[name];
  if (tensor === undefined) {
    throw new FoveaError(
      'invalid-argument',
      `kernel ${plan.name} takes a tensor called ${name}, and was given ${givenNames(tensors).join(', ') || 'none'}`,
    );
  }
  return tensor;
}

/** Throws 'invalid-argument' where other tensors are given beside the `count` that a kernel takes. */
function checkNames(kernel: string, count: number, tensors: NamedTensors): void {
  let given = 0;
  for (const name in tensors) if (tensors[name] !== undefined) given++;
  if (given === count) return;
  throw new FoveaError(
    'invalid-argument',
    `kernel ${kernel} takes ${count} tensors, and was given ${given}: ${givenNames(tensors).join(', ')}`,
  );
}

const givenNames = (tensors: NamedTensors): string[] =>
  Object.keys(tensors).filter((name) => tensors[name] !== undefined);

function deviceOf(tensors: NamedTensors): Device {
  for (const name in tensors) {
    const tensor = tensors[name];
    if (tensor) return tensor.device;
  }
  throw new FoveaError('invalid-argument', 'a kernel was given no tensors to run on');
}

/** The memory of a tensor, to be used as a kernel uses it. */
function memoryFor(tensor: Tensor, access: Access): BufferSlice {
  return access === 'read_write' ? tensor.writable() : tensor.slice;
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
 * Runs the sequence that `makeSequence` gives for some images on each part of a batch, of `most` images at most. Operands are
 * tensors whose outermost axis in memory is the batch, or {@link whole} ones.
 */
export function runSequenceOverBatch<B>(
  batch: number,
  makeSequence: (chunk: Chunk) => KernelSequence<B>,
  operands: Bindings<B, Tensor | Whole>,
  most = batch,
): void {
  const named = operands as Readonly<Record<string, Tensor | Whole | undefined>>;
  const split: Tensor[] = [];
  for (const name in named) {
    const operand = named[name];
    if (operand && !('whole' in operand)) split.push(operand);
  }
  const { device } = split[0]!;
  const made = new Map<string, Tensor>();
  for (const chunk of batchChunks(batch, split, most)) {
    const memoryOf: Memory = (name, access, plan) => {
      const operand = named[name];
      if (operand === undefined) return memoryFor(operandOf(plan, {}, name), access);
      if ('whole' in operand) return memoryFor(operand.whole, access);
      return chunkSlice(memoryFor(operand, access), operand, batch, chunk);
    };
    const { once, steps, scratch } = makeSequence(chunk);
    if (chunk.first === 0) runSteps(device, once, scratch, made, memoryOf, true);
    runSteps(device, steps, scratch, made, memoryOf);
  }
  for (const tensor of made.values()) tensor.dispose();
}

/** As {@link runSequenceOverBatch}, for a single dispatch. */
export function runOverBatch<B>(
  batch: number,
  makePlan: (chunk: Chunk) => KernelPlan<B>,
  operands: Bindings<B, Tensor | Whole>,
): void {
  runSequenceOverBatch(batch, (chunk) => singleDispatch(makePlan(chunk)), operands);
}

/** Runs an elementwise op on tensors of one shape and layout, in parts where they are too large to be bound. */
export function runElementwise<Op extends ElementwiseOp>(
  op: Op,
  tensors: Operands<ElementwiseBuffers<Op>>,
): void {
  const { shape, layout } = (tensors as { readonly result: Tensor }).result;
  const [outermost] = layout === 'filter' ? [1] : shape;
  const part = (images: number) => (layout === 'filter' ? shape : [images, ...shape.slice(1)]);
  runOverBatch(
    outermost ?? 1,
    ({ images }) => elementwisePlan(op, { shape: part(images), layout }),
    tensors as Bindings<ElementwiseBuffers<Op>, Tensor | Whole>,
  );
}

/** How many images of `size` bytes must lie before one that can be bound. */
function alignedImages(size: number): number {
  return OFFSET_ALIGNMENT / greatestCommonDivisor(OFFSET_ALIGNMENT, size);
}

function leastCommonMultiple(a: number, b: number): number {
  return (a / greatestCommonDivisor(a, b)) * b;
}
