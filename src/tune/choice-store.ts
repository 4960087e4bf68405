/**
 * @file Where measured choices are kept between runs, whichever the place.
 */

import { BOOLEAN, checkOptions, type OptionRules } from '../arguments.ts';
import type { AdapterSource } from '../device/adapter-source.ts';
import { Device } from '../device/device.ts';
import { DEVICE_OPTIONS, type DeviceOptions } from '../device/options.ts';
import {
  type Circumstances,
  circumstancesOf,
  decodeChoices,
  encodeChoices,
  MeasuredChoices,
} from './measured-choices.ts';

/** Keeps one text for each adapter. */
export interface ChoiceStore {
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

/** Opens a device that runs by the choices kept for its adapter. */
export async function openTunedDevice(
  source: AdapterSource,
  store: ChoiceStore,
  options: CreateDeviceOptions,
): Promise<Device> {
  checkOptions('createDevice', options, OPTIONS);
  const { tuned = true, ...rest } = options;
  const device = await Device.open(source, rest);
  if (tuned) device.choices = await loadChoices(store, circumstancesOf(device.info));
  return device;
}

/** The choices kept for an adapter; none where they are missing, damaged, stale or another adapter's. */
export async function loadChoices(
  store: ChoiceStore,
  circumstances: Circumstances,
): Promise<MeasuredChoices> {
  const text = await store.load(circumstances.adapter);
  return (text && decodeChoices(text, circumstances)) || new MeasuredChoices();
}

/** Keeps `choices`. */
export function saveChoices(
  store: ChoiceStore,
  choices: MeasuredChoices,
  circumstances: Circumstances,
): Promise<void> {
  return store.save(circumstances.adapter, encodeChoices(choices, circumstances));
}
