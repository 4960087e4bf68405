/**
 * @file Makes memory bad, so that what a kernel leaves unwritten is seen: fresh memory is zero, which may be right by chance.
 */

import type { Device } from '../device/device.ts';

/** Sizes of each class of the device's pool, up to what the checks use: four an octave. */
const SIZES = Array.from({ length: 36 }, (_, i) => 256 * 2 ** (i >> 2) * (1 + (i % 4) / 4));
/** Buffers of each size. */
const COUNT = 3;

/** Fills memory that the next tensors are likely to get with NaN. */
export function spoilMemory(device: Device): void {
  const slices = SIZES.flatMap((bytes) => Array.from({ length: COUNT }, () => device.allocate(bytes)));
  for (const slice of slices) device.upload(slice, new Float32Array(slice.bytes / 4).fill(Number.NaN));
  for (const slice of slices) device.free(slice);
}
