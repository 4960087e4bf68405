/**
 * @file Makes, fills and reads tensors.
 */

import type { Device } from '../device/device.ts';
import { elementwisePlan } from '../kernels/elementwise.ts';
import { checkLayout, type Layout } from '../shape/layout.ts';
import { checkShape, type Shape } from '../shape/shape.ts';
import {
  checkOneDevice,
  chosenLayout,
  DTYPES,
  type DType,
  fromMemory,
  Tensor,
  type TensorData,
  type TensorDescription,
  toMemory,
} from './tensor.ts';

/** How a tensor is made. */
export interface TensorOptions {
  /** The element type; for `tensor` that of the array given, else `'f32'`. */
  readonly dtype?: DType;
  /** How it lies in memory; by default channels-last for rank 4, else row-major. */
  readonly layout?: Layout;
}

/**
 * A tensor of `values`, given in logical row-major order. `shape` is `[values.length]` by default.
 * Throws 'shape-mismatch' where the count of values is not that of the shape.
 */
export function tensor(
  device: Device,
  values: TensorData | readonly number[],
  shape: Shape = [values.length],
  options: TensorOptions = {},
): Tensor {
  const made = empty(device, shape, { dtype: dtypeOf(values), ...options });
  upload(made, values);
  return made;
}

/** A tensor whose contents are arbitrary until something is written to it. */
export function empty(device: Device, shape: Shape, options: TensorOptions = {}): Tensor {
  checkShape(shape);
  const layout = chosenLayout(shape, options.layout);
  checkLayout(shape, layout);
  return Tensor.allocate(device, { shape, layout, dtype: options.dtype ?? 'f32' });
}

/** A tensor of zeros. */
export function zeros(device: Device, shape: Shape, options: TensorOptions = {}): Tensor {
  const made = empty(device, shape, options);
  device.clear(made.slice);
  return made;
}

/** A tensor of type f32 whose elements all are `value`. */
export function full(
  device: Device,
  shape: Shape,
  value: number,
  options: Pick<TensorOptions, 'layout'> = {},
): Tensor {
  const made = empty(device, shape, options);
  device.run(elementwisePlan('fill', made, { shift: value }), [made.slice]);
  return made;
}

/** Overwrites a tensor with `values`, given in logical row-major order. */
export function upload(target: Tensor, values: TensorData | readonly number[]): void {
  const memory = toMemory(values, target);
  target.device.upload(target.writable(), memory);
}

/** The elements of several tensors of one device, in logical row-major order, with one wait for all. */
export async function readTensors(tensors: readonly Tensor[]): Promise<TensorData[]> {
  const [first] = tensors;
  if (!first) return [];
  checkOneDevice('readTensors', tensors);
  const descriptions: TensorDescription[] = [...tensors];
  const contents = await first.device.read(tensors.map(({ slice }) => slice));
  return contents.map((bytes, i) => fromMemory(bytes, descriptions[i]!));
}

function dtypeOf(values: TensorData | readonly number[]): DType {
  const found = Object.entries(DTYPES).find(([, Type]) => values instanceof Type);
  return (found?.[0] as DType | undefined) ?? 'f32';
}
