/**
 * @file How long something takes by the clock, until the device is done.
 */

import type { Device } from '../device/device.ts';

/** Milliseconds from now until `work` was called `repeats` times and the device is done. */
export async function timeOnce(device: Device, work: () => void, repeats = 1): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < repeats; i++) work();
  await device.finished();
  return performance.now() - start;
}
