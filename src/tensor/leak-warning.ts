/**
 * @file Notices tensors that nobody frees: a loop without a scope.
 */

import type { Device } from '../device/device.ts';

/** A network has a few hundred parameters; what lives beside them and outside of any scope was most likely forgotten. */
export const MANY_TENSORS = 10_000;
/** Lines of the stack in the message. */
const LINES = 4;

/** Tells the device's user that `tensors` live while no scope is open, and where the last of them was made. */
export function warnOfLeak(device: Device, tensors: number): void {
  device.onWarning(
    `${tensors} tensors live outside of any scope, and none of them is freed by itself. Run each turn of a loop in ` +
      `scope(device, () => …), or dispose() what it makes. This is said once. The last one was made here:\n${placeOf(new Error())}`,
  );
}

/** The lines of a stack from the first that is in another file than this on, which in the package holds all of the library. */
function placeOf({ stack = '' }: Error): string {
  const lines = stack.split('\n').filter((line) => /:\d+:\d+\)?$/.test(line));
  const fileOf = (line: string) => /(?:\(|@|at )([^()@]*?):\d+:\d+\)?$/.exec(line)?.[1];
  const beyond = lines.findIndex((line) => fileOf(line) !== fileOf(lines[0]!));
  return lines.slice(Math.max(beyond, 0), Math.max(beyond, 0) + LINES).join('\n');
}
