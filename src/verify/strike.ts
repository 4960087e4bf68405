/**
 * @file Takes an algorithm away from a device on which it is wrong.
 */

import type { Device } from '../device/device.ts';
import { REFERENCES } from '../kernels/conv2d/references.ts';
import { algorithmsOf, setAlgorithms } from '../tensor/tuning.ts';

/** The names of the algorithms that all others can be replaced by. */
export const INDISPENSABLE: readonly string[] = REFERENCES.map(({ name }) => name);

/** Has a device choose no longer among the algorithms of these names, but for the {@link INDISPENSABLE}. */
export function strike(device: Device, names: readonly string[]): void {
  const isKept = (name: string) => INDISPENSABLE.includes(name) || !names.includes(name);
  setAlgorithms(
    device,
    algorithmsOf(device).filter(({ name }) => isKept(name)),
  );
}
