/**
 * @file Opens the device and says which it is.
 */

import type { AdapterKind } from '../device/adapter-source.ts';
import { Device } from '../device/device.ts';
import { nodeAdapters } from '../device/gpu-node.ts';
import { warn } from './output.ts';

/** The device of an adapter of `kind`. Names it on stderr, with a warning where it computes on the CPU. */
export async function openDevice(kind: AdapterKind): Promise<Device> {
  const device = await Device.open(nodeAdapters, { adapter: kind });
  warn(`Adapter: ${device.info.name}`);
  if (device.info.software) {
    warn('Warning: this adapter computes on the CPU, far slower than a GPU. See `fovea doctor`.');
  }
  return device;
}
