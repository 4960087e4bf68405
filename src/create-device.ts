/**
 * @file What `createDevice` does on every platform: it opens a device, hands it the tuning table kept for its adapter, and has it
 * prove itself where that is asked for.
 */

import { BOOLEAN, checkOptions, type OptionRules, oneOf } from './arguments.ts';
import type { AdapterSource } from './device/adapter-source.ts';
import type { Device } from './device/device.ts';
import { DEVICE_OPTIONS, type DeviceOptions } from './device/options.ts';
import { openDevice } from './tensor/open-device.ts';
import { setTuning } from './tensor/tuning.ts';
import { tuningKeyOf } from './tune/tuning-key.ts';
import { loadTuningTable, type TuningStore } from './tune/tuning-store.ts';

/** What `createDevice` takes. */
export interface CreateDeviceOptions extends DeviceOptions {
  /** Whether to run convolutions by the kernels that `tune` found on this adapter, true by default. */
  readonly tuned?: boolean;
  /**
   * Whether the device must pass `verify` before it is handed out: 'once' for each adapter, driver and version of fovea, which
   * is remembered with the tuning results; 'always'; or 'never', the default. It takes seconds.
   */
  readonly verify?: 'once' | 'always' | 'never';
}

const OPTIONS: OptionRules<CreateDeviceOptions> = {
  ...DEVICE_OPTIONS,
  tuned: BOOLEAN,
  verify: oneOf('once', 'always', 'never'),
};

/**
 * Opens a device that runs by the tuning table kept for its adapter. Rejects with 'untrustworthy-adapter' where it was to be verified
 * and has not passed.
 */
export async function openTunedDevice(
  source: AdapterSource,
  store: TuningStore,
  options: CreateDeviceOptions,
): Promise<Device> {
  checkOptions('createDevice', options, OPTIONS);
  const { tuned = true, verify = 'never', ...rest } = options;
  const device = await openDevice(source, rest);
  const table = tuned && (await loadTuningTable(store, tuningKeyOf(device.info)));
  if (table) setTuning(device, table);
  if (verify !== 'never') {
    const { trustDevice } = await import('./verify/trust.ts');
    await trustDevice(device, { source, store, adapter: rest.adapter }, verify);
  }
  return device;
}
