/**
 * @file The device that tests run on: whatever adapter the environment gives, one device a test file.
 */

import { afterAll } from 'vitest';
import type { Device } from '../../src/device/device.ts';
import { nodeAdapters } from '../../src/device/node/adapters.ts';
import type { DeviceOptions } from '../../src/device/options.ts';
import { openDevice } from '../../src/tensor/open-device.ts';

let shared: Promise<Device> | undefined;

/** The device of this test file; destroyed after its last test. */
export function testDevice(): Promise<Device> {
  shared ??= openTestDevice();
  return shared;
}

/** A device of its own, for a test that breaks it or counts what it does. */
export function openTestDevice(options: DeviceOptions = {}): Promise<Device> {
  return openDevice(nodeAdapters, options);
}

afterAll(async () => {
  (await shared)?.destroy();
  shared = undefined;
});
