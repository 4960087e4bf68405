/**
 * @file Which algorithms a device has, and which one it runs a convolution by: the one that measuring found, else the heuristics'
 * choice.
 */

import { checkArgument, isObject, type Rule } from '../arguments.ts';
import type { Device } from '../device/device.ts';
import { FoveaError } from '../errors.ts';
import type { Algorithm } from '../kernels/conv2d/algorithm.ts';
import { type Pass, type TunedAlgorithms, UNTUNED } from '../kernels/conv2d/passes.ts';
import { selectAlgorithm } from '../kernels/conv2d/selection.ts';
import type { Conv2dGeometry } from '../shape/conv2d.ts';
import { checkDevice } from './check-device.ts';

const tuned = new WeakMap<Device, TunedAlgorithms>();
const available = new WeakMap<Device, readonly Algorithm[]>();

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

/** The algorithms that a device chooses among. Throws 'unsupported' as long as none were set. */
export function algorithmsOf(device: Device): readonly Algorithm[] {
  const algorithms = available.get(device);
  if (algorithms) return algorithms;
  throw new FoveaError(
    'unsupported',
    'this device has no kernels for convolutions: open it by createDevice(), or by openDevice() on an AdapterSource of your own',
  );
}

/** Has a device choose among `algorithms`, in the order in which the heuristics ask them; they must end with the references. */
export function setAlgorithms(device: Device, algorithms: readonly Algorithm[]): void {
  available.set(device, algorithms);
}

/** The algorithm for a pass of the convolution `g`. */
export function algorithmFor(device: Device, pass: Pass, g: Conv2dGeometry): Algorithm {
  return selectAlgorithm(algorithmsOf(device), pass, g, device.target, tuned.get(device) ?? UNTUNED);
}
