/**
 * @file What the application computes on, asked for once when it starts.
 */

import { signal } from '@preact/signals';
import type { DeviceInfo } from 'fovea';
import { runTask } from '../engine/client.ts';
import { type Failure, failureOf } from '../engine/failure.ts';

/** What is known of the device: undefined while it is being opened. */
export const device = signal<{ readonly info: DeviceInfo } | { readonly failure: Failure } | undefined>(
  undefined,
);

/** Opens the device. */
export async function openDevice(): Promise<void> {
  device.value = undefined;
  try {
    device.value = { info: await runTask('device', undefined) };
  } catch (error) {
    device.value = { failure: failureOf(error) };
  }
}
