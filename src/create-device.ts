/**
 * @file What `createDevice` does on every platform: it opens a device, and hands it the tuning table kept for its adapter.
 */

import { BOOLEAN, checkOptions, type OptionRules } from './arguments.ts';
import type { AdapterSource } from './device/adapter-source.ts';
import type { Device } from './device/device.ts';
import { DEVICE_OPTIONS, type DeviceOptions } from './device/options.ts';
import { openDevice } from './tensor/open-device.ts';
import { setTuning } from './tensor/tuning.ts';
import { loadTuningTable, type TuningStore } from './tune/tuning-store.ts';
import { tuningKeyOf } from './tune/tuning-table.ts';

/** What `createDevice` takes. */
export interface CreateDeviceOptions extends DeviceOptions {
  /** Whether to run convolutions by the kernels that `tune` found on this adapter, true by default. */
  readonly tuned?: boolean;
}

const OPTIONS: OptionRules<CreateDeviceOptions> = { ...DEVICE_OPTIONS, tuned: BOOLEAN };

/** Opens a device that runs by the tuning table kept for its adapter. */
export async function openTunedDevice(
  source: AdapterSource,
  store: TuningStore,
  options: CreateDeviceOptions,
): Promise<Device> {
  checkOptions('createDevice', options, OPTIONS);
  const { tuned = true, ...rest } = options;
  const device = await openDevice(source, rest);
  if (tuned) setTuning(device, await loadTuningTable(store, tuningKeyOf(device.info)));
  return device;
}
