/**
 * @file The device that tests run on: whatever adapter the environment gives, one device a test file.
 */

import type { Device } from '../../src/device/device.ts';
import { nodeAdapters } from '../../src/device/node/adapters.ts';
import type { DeviceOptions } from '../../src/device/options.ts';
import { openDevice } from '../../src/tensor/open-device.ts';
import { atEndOfFile } from './clean-up.ts';

let shared: Promise<Device> | undefined;

/** The device of this test file; destroyed after its last test. */
export function testDevice(): Promise<Device> {
  if (!shared) {
    shared = openTestDevice();
    atEndOfFile(destroyShared);
  }
  return shared;
}

async function destroyShared(): Promise<void> {
  const device = await shared;
  shared = undefined;
  device?.destroy();
}

/** A device of its own, for a test that breaks it or counts what it does. */
export function openTestDevice(options: DeviceOptions = {}): Promise<Device> {
  return openDevice(nodeAdapters, options);
}
