/**
 * @file Takes an algorithm away from a device on which it is wrong.
 */

import type { Device } from '../device/device.ts';
import { REFERENCE_NAMES } from '../kernels/conv2d/selection.ts';
import { algorithmsOf, setAlgorithms } from '../tensor/tuning.ts';

/** Has a device choose no longer among the algorithms of these names, but for those that all others can be replaced by. */
export function strike(device: Device, names: readonly string[]): void {
  const isKept = (name: string) => REFERENCE_NAMES.includes(name) || !names.includes(name);
  setAlgorithms(
    device,
    algorithmsOf(device).filter(({ name }) => isKept(name)),
  );
}
