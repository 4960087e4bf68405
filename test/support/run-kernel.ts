/**
 * @file Runs kernels on plain arrays.
 */

import type { Bindings } from '../../src/kernels/buffers.ts';
import type { KernelPlan } from '../../src/kernels/plan.ts';
import type { KernelSequence } from '../../src/kernels/sequence.ts';
import { type Operands, runSequence as runOnTensors } from '../../src/tensor/run.ts';
import { Tensor } from '../../src/tensor/tensor.ts';
import { testDevice } from './device.ts';

/** What a buffer holds. */
export type Values = Float32Array | Uint32Array | Int32Array | Uint8Array;

/** Runs `plan` with a storage buffer for each array, in binding order; resolves to what they hold afterwards. */
export async function runKernel<T extends Values[]>(plan: KernelPlan, buffers: [...T]): Promise<T> {
  const device = await testDevice();
  const slices = buffers.map((values) => {
    const slice = device.allocate(values.byteLength);
    device.upload(slice, values as Values & ArrayBufferView<ArrayBuffer>);
    return slice;
  });
  device.run(plan, slices);
  const contents = await device.read(slices);
  slices.forEach((slice) => {
    device.free(slice);
  });
  return buffers.map((values, i) => {
    const Type = values.constructor as new (bytes: ArrayBuffer, offset: number, length: number) => Values;
    return new Type(contents[i]!, 0, values.length);
  }) as T;
}

/** Runs `sequence` with a buffer for each array, by name; resolves to what they hold afterwards. */
export async function runSequence<B, Given extends Bindings<B, Values>>(
  sequence: KernelSequence<B>,
  buffers: Given,
): Promise<Given> {
  const device = await testDevice();
  const given = Object.entries(buffers as Record<string, Values | undefined>).filter(
    (entry): entry is [string, Values] => entry[1] !== undefined,
  );
  const tensors = given.map(([, values]) => {
    const slice = device.allocate(values.byteLength);
    device.upload(slice, values as Values & ArrayBufferView<ArrayBuffer>);
    return Tensor.on(device, { shape: [values.length], layout: 'row-major', dtype: 'f32' }, slice);
  });
  runOnTensors(
    sequence,
    Object.fromEntries(given.map(([name], i) => [name, tensors[i]!])) as unknown as Operands<B>,
  );
  const contents = await device.read(tensors.map(({ slice }) => slice));
  for (const { slice } of tensors) device.free(slice);
  return Object.fromEntries(
    given.map(([name, values], i) => {
      const Type = values.constructor as new (bytes: ArrayBuffer, at: number, length: number) => Values;
      return [name, new Type(contents[i]!, 0, values.length)];
    }),
  ) as Given;
}
