/**
 * @file How time is measured: with the clock, until the device is done, the median of some runs after a warm-up.
 */

import type { Device } from '../src/device/device.ts';

/** Runs that a median is taken of. */
export const RUNS = 5;

/** A run shorter than this is repeated until it is not, so that a submit's own time does not count. */
const SHORTEST_RUN_MS = 20;

/** The middle one of `values`, the upper of the two where they are even in number. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

/** Milliseconds from now until `work` was called `repeats` times and the device is done. */
export async function timeOnce(device: Device, work: () => void, repeats = 1): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < repeats; i++) work();
  await device.finished();
  return performance.now() - start;
}

/** The median time of `work`, in milliseconds. */
export async function timeMedian(device: Device, work: () => void): Promise<number> {
  await timeOnce(device, work); // compiles
  const repeats = Math.max(1, Math.ceil(SHORTEST_RUN_MS / (await timeOnce(device, work))));
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) times.push((await timeOnce(device, work, repeats)) / repeats);
  return median(times);
}
