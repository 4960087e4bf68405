/**
 * @file The random generator of a device, which layers draw from where they are given none.
 */

import type { Device } from '../device/device.ts';
import { Random, type RandomState } from '../random.ts';
import { checkDevice } from './check-device.ts';

/** Keyed by device, so that two devices do not disturb each other. */
const generators = new WeakMap<Device, Random>();

/** For each dry run, copies of the generators that it draws from. */
const rehearsed = new WeakMap<object, Map<Random, Random>>();

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

/**
 * The generator of this device, as {@link manualSeed} left it. In a dry run (`device.prepare`) a copy, so that what a
 * rehearsal draws is drawn again afterwards.
 */
export function generatorOf(device: Device): Random {
  checkDevice('generatorOf', device);
  return drawingFrom(device);
}

/** Has what is drawn on this device from now on follow from `state`, as `generatorOf(device).state` was. */
export function restoreGenerator(device: Device, state: RandomState): void {
  generators.set(device, Random.from(state));
}

/** Has a device draw from a copy of its generator until what this returns is called. */
export function lendGenerator(device: Device): () => void {
  const own = generatorOf(device);
  generators.set(device, Random.from(own.state));
  return () => generators.set(device, own);
}

/** The generator to draw from: `random`, or the device's own by default; in a dry run a copy of it. */
export function drawingFrom(
  device: Device,
  random = generators.get(device) ?? manualSeed(device, 1),
): Random {
  const { rehearsal } = device;
  if (!rehearsal) return random;
  const copies = rehearsed.get(rehearsal) ?? new Map<Random, Random>();
  rehearsed.set(rehearsal, copies);
  const copy = copies.get(random) ?? Random.from(random.state);
  copies.set(random, copy);
  return copy;
}
