/**
 * @file How time is measured: with the clock, until the device is done, the median of some runs after a warm-up.
 */

import type { Device } from '../src/device/device.ts';
import { timeOnce } from '../src/laboratory/time-once.ts';
import { median } from '../src/tune/samples.ts';

/** Runs that a median is taken of. */
export const RUNS = 5;

/** A run shorter than this is repeated until it is not, so that a submit's own time does not count. */
const SHORTEST_RUN_MS = 20;

/** The median time of `work`, in milliseconds. */
export async function timeMedian(device: Device, work: () => void): Promise<number> {
  await timeOnce(device, work); // compiles
  const repeats = Math.max(1, Math.ceil(SHORTEST_RUN_MS / (await timeOnce(device, work))));
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) times.push((await timeOnce(device, work, repeats)) / repeats);
  return median(times);
}
