/**
 * @file Which algorithm a device runs a convolution by: the one that measuring found, else the heuristics' choice.
 */

import { checkArgument, isObject, type Rule } from '../arguments.ts';
import type { Device } from '../device/device.ts';
import { type Algorithm, selectAlgorithm } from '../kernels/conv2d/algorithms.ts';
import { type Pass, type TunedAlgorithms, UNTUNED } from '../kernels/conv2d/passes.ts';
import type { Conv2dGeometry } from '../shape/conv2d.ts';
import { checkDevice } from './check-device.ts';

const tuned = new WeakMap<Device, TunedAlgorithms>();

const TUNED: Rule = {
  holds: (value) => isObject(value) && typeof (value as TunedAlgorithms).algorithmOf === 'function',
  words: 'a TuningTable, or another object with a function algorithmOf(pass, geometry)',
};

/** What was measured for a device; nothing as long as nothing was set. */
export function tuningOf(device: Device): TunedAlgorithms {
  checkDevice('tuningOf', device);
  return tuned.get(device) ?? UNTUNED;
}

/**
 * Has a device run convolutions by what was measured; for what `algorithms` does not know, or names wrongly, the heuristics
 * decide. Throws 'invalid-argument' for what is no device, or has no `algorithmOf`.
 */
export function setTuning(device: Device, algorithms: TunedAlgorithms): void {
  checkDevice('setTuning', device);
  checkArgument('the algorithms of setTuning', algorithms, TUNED);
  tuned.set(device, algorithms);
}

/** The algorithm for a pass of the convolution `g`. */
export function algorithmFor(device: Device, pass: Pass, g: Conv2dGeometry): Algorithm {
  return selectAlgorithm(pass, g, device.target, tuned.get(device) ?? UNTUNED);
}
