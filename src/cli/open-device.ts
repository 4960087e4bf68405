/**
 * @file Opens the device and says which it is.
 */

import { openTunedDevice } from '../create-device.ts';
import type { AdapterKind } from '../device/adapter-source.ts';
import type { Device } from '../device/device.ts';
import { nodeAdapters } from '../device/node/adapters.ts';
import { nodeTuningStore } from '../tune/tuning-store-node.ts';
import { trustDevice } from '../verify/trust.ts';
import { warn } from './output.ts';

/**
 * The device of an adapter of `kind`, with what `fovea tune` found on it. Names it on stderr, with a warning where it computes on the
 * CPU. A GPU that has not passed `fovea verify` has to, now.
 */
export async function openDevice(kind: AdapterKind): Promise<Device> {
  const device = await openTunedDevice(nodeAdapters, nodeTuningStore, { adapter: kind });
  warn(`Adapter: ${device.info.name}`);
  if (device.info.software) {
    warn('Warning: this adapter computes on the CPU, far slower than a GPU. See `fovea doctor`.');
  } else {
    const origin = { source: nodeAdapters, store: nodeTuningStore, adapter: kind };
    await trustDevice(device, origin, 'once', { onProgress: announceOnce });
  }
  return device;
}

function announceOnce(done: number): void {
  if (done === 1) warn('Verifying it, as is done once for each adapter, driver and version of fovea.');
}
