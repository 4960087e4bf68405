/**
 * @file Where tuning tables are kept between runs, whichever the place.
 */

import { BOOLEAN, checkOptions, type OptionRules } from '../arguments.ts';
import type { AdapterSource } from '../device/adapter-source.ts';
import { Device } from '../device/device.ts';
import { DEVICE_OPTIONS, type DeviceOptions } from '../device/options.ts';
import { setTuning } from '../tensor/tuning.ts';
import {
  decodeTuningTable,
  encodeTuningTable,
  type TuningKey,
  TuningTable,
  tuningKeyOf,
} from './tuning-table.ts';

/** Keeps one text for each adapter. */
export interface TuningStore {
  /** What was kept for the adapter, undefined if nothing was or it cannot be read. */
  load(adapter: string): Promise<string | undefined>;
  /** Keeps `text` whole or not at all. Throws 'bad-file' where it cannot. */
  save(adapter: string, text: string): Promise<void>;
}

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
  const device = await Device.open(source, rest);
  if (tuned) setTuning(device, await loadTuningTable(store, tuningKeyOf(device.info)));
  return device;
}

/** The table kept for an adapter; an empty one where they are missing, damaged, stale or another adapter's. */
export async function loadTuningTable(store: TuningStore, key: TuningKey): Promise<TuningTable> {
  const text = await store.load(key.adapter);
  return (text && decodeTuningTable(text, key)) || new TuningTable();
}

/** Keeps `table`. */
export function saveTuningTable(store: TuningStore, table: TuningTable, key: TuningKey): Promise<void> {
  return store.save(key.adapter, encodeTuningTable(table, key));
}
