/**
 * @file Runs one kernel on plain arrays.
 */

import type { KernelPlan } from '../../src/kernels/kernel.ts';
import { testDevice } from './device.ts';

type Values = Float32Array | Uint32Array | Int32Array | Uint8Array;

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
