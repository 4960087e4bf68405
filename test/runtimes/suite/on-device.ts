/**
 * @file Work on a device of its own.
 */

import type { Device } from '../../../src/device/device.ts';

/** Opens a device. */
export type OpenDevice = () => Promise<Device>;

/** Runs `work` on a device that is destroyed after it. */
export async function onDevice<T>(open: OpenDevice, work: (device: Device) => Promise<T>): Promise<T> {
  const device = await open();
  try {
    return await work(device);
  } finally {
    device.destroy();
  }
}
