/**
 * @file Makes, fills and reads tensors.
 */

import { checkArgument, checkOptions, NUMBER, type OptionRules } from '../arguments.ts';
import type { Device } from '../device/device.ts';
import { fillPlan } from '../kernels/elementwise.ts';
import { checkLayout, LAYOUT, type Layout } from '../shape/layout.ts';
import { checkShape, type Shape } from '../shape/shape.ts';
import { checkDevice } from './check-device.ts';
import { checkOneDevice, checkTensor, checkTensors } from './check-tensor.ts';
import {
  type AnyTensor,
  chosenLayout,
  fromMemory,
  Tensor,
  type TensorDescription,
  toMemory,
} from './tensor.ts';
import {
  type DataOf,
  DTYPE,
  type DType,
  type DTypeOf,
  dtypeOf,
  shapeOfValues,
  type TensorData,
  type TensorValues,
} from './values.ts';

/** How a tensor is made. */
export interface TensorOptions<D extends DType = DType> {
  /** The element type; for `tensor` that of the typed array given if it is one of these, else `'f32'`. */
  readonly dtype?: D;
  /** How it lies in memory; by default channels-last for rank 4, else row-major. */
  readonly layout?: Layout;
}

const OPTIONS: OptionRules<TensorOptions> = { dtype: DTYPE, layout: LAYOUT };
const LAYOUT_OPTION: OptionRules<Pick<TensorOptions, 'layout'>> = { layout: LAYOUT };

/**
 * A tensor of `values`: a typed array or an array of numbers in logical row-major order, or arrays nested as the shape is.
 * `shape` is that of `values` by default: `tensor(device, [[1, 2], [3, 4]])` is `[2, 2]`. NaN and infinite numbers are
 * values as others are; for type f32 numbers are rounded.
 *
 * Throws 'shape-mismatch' where the count of values is not that of the shape or nested arrays differ in length;
 * 'invalid-argument', naming the value, where one is no number, or a fraction, or beyond what an integer type holds.
 */
export function tensor<V extends TensorValues, D extends DType = DTypeOf<V>>(
  device: Device,
  values: V,
  shape: Shape = shapeOfValues(values),
  options: TensorOptions<D> = {},
): Tensor<D> {
  checkDevice('a tensor', device);
  const described = describeTensor(shape, options, dtypeOf(values) as D);
  const memory = toMemory(values, described);
  const made = Tensor.allocate(device, described);
  device.upload(made.writable(), memory);
  return made;
}

/** A tensor whose contents are arbitrary until something is written to it. */
export function empty<D extends DType = 'f32'>(
  device: Device,
  shape: Shape,
  options: TensorOptions<D> = {},
): Tensor<D> {
  checkDevice('a tensor', device);
  return Tensor.allocate(device, describeTensor(shape, options, 'f32' as D));
}

/** The properties of a tensor to be made. Throws 'invalid-argument' where there is no such tensor. */
function describeTensor<D extends DType>(
  shape: Shape,
  options: TensorOptions<D>,
  dtype: D,
): TensorDescription<D> {
  checkShape(shape);
  checkOptions('a tensor', options, OPTIONS);
  const layout = chosenLayout(shape, options.layout);
  checkLayout(shape, layout);
  return { shape, layout, dtype: options.dtype ?? dtype };
}

/** A tensor of zeros. */
export function zeros<D extends DType = 'f32'>(
  device: Device,
  shape: Shape,
  options: TensorOptions<D> = {},
): Tensor<D> {
  const made = empty(device, shape, options);
  device.clear(made.slice);
  return made;
}

/** A tensor of type f32 whose elements all are `value`, which may be NaN. */
export function full(
  device: Device,
  shape: Shape,
  value: number,
  options: Pick<TensorOptions, 'layout'> = {},
): Tensor {
  checkArgument('the value of full', value, NUMBER);
  checkOptions('full', options, LAYOUT_OPTION);
  const made = empty(device, shape, options);
  device.run(fillPlan(made, {}, { scalar: value }), [made.slice]);
  return made;
}

/** Overwrites a tensor with `values`, given as for {@link tensor}; throws as that does. */
export function upload(target: AnyTensor, values: TensorValues): void {
  checkTensor('upload', 'the target', target);
  const memory = toMemory(values, target);
  target.device.upload(target.writable(), memory);
}

/** The elements of several tensors of one device, in logical row-major order, with one wait for all. */
export async function readTensors<const T extends readonly AnyTensor[]>(
  tensors: T,
): Promise<{ -readonly [I in keyof T]: DataOf<T[I]['dtype']> }> {
  checkTensors('readTensors', tensors);
  return (await readAll(tensors)) as { -readonly [I in keyof T]: DataOf<T[I]['dtype']> };
}

async function readAll(tensors: readonly AnyTensor[]): Promise<TensorData[]> {
  const [first] = tensors;
  if (!first) return [];
  checkOneDevice('readTensors', tensors);
  const descriptions: TensorDescription[] = [...tensors];
  const contents = await first.device.read(tensors.map(({ slice }) => slice));
  return contents.map((bytes, i) => fromMemory(bytes, descriptions[i]!));
}
