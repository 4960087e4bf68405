/**
 * @file The random generator of a device, which layers draw from where they are given none.
 */

import type { Device } from '../device/device.ts';
import { Random } from '../random.ts';
import { checkDevice } from './check-device.ts';

/** Keyed by device, so that two devices do not disturb each other. */
const generators = new WeakMap<Device, Random>();

/**
 * Seeds the generator that initial values and dropout on this device are drawn from, 1 by default: the same seed before the
 * same program gives the same numbers. Returns the generator. Throws 'invalid-argument' unless `seed` is a whole number from 0
 * to 2³² − 1.
 */
export function manualSeed(device: Device, seed: number): Random {
  checkDevice('manualSeed', device);
  const generator = new Random(seed);
  generators.set(device, generator);
  return generator;
}

/** The generator of this device, as {@link manualSeed} left it. */
export function generatorOf(device: Device): Random {
  checkDevice('generatorOf', device);
  return generators.get(device) ?? manualSeed(device, 1);
}
