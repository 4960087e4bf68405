/**
 * @file How runs are timed: by timestamp queries where they are fine enough, else by the clock, always over so many runs
 * that what the clock cannot tell is little.
 */

import type { Device } from '../device/device.ts';
import type { KernelEvent } from '../device/profiler.ts';
import { FoveaError } from '../errors.ts';
import { full } from '../tensor/create.ts';
import { scope } from '../tensor/scope.ts';

/** A sample takes at least so long, in milliseconds: one wait for the device, which is part of it by the clock, is little of that. */
const SHORTEST = 10;
/** A sample takes at least so many steps of the clock. */
const STEPS = 50;
/** Timestamps in coarser steps than this, in milliseconds, are not used: Chrome rounds them to 0.1. */
const COARSE = 0.01;
/** Kernels that are run to find the step of timestamps, and what each of them writes. */
const PROBES = 16;
const PROBED_ELEMENTS = 2 ** 16;
/** Runs of a sample at most, however short they are. */
const MOST_RUNS = 4096;

/** Times runs of kernels on a device. */
export interface Stopwatch {
  readonly kind: 'timestamps' | 'clock';
  /** Milliseconds that a sample should take at least. */
  readonly shortest: number;
  /** How far a sample of that length may be from the truth, relative to it. */
  readonly error: number;
  /** Milliseconds that the device takes for `runs` runs together. */
  time(run: () => void, runs: number): Promise<number>;
}

/** The stopwatch for a device; `now` is the clock. */
export async function chooseStopwatch(
  device: Device,
  now: () => number = () => performance.now(),
): Promise<Stopwatch> {
  const step = await timestampStep(device);
  if (step > COARSE) return clockStopwatch(device, now);
  return {
    kind: 'timestamps',
    shortest: SHORTEST,
    error: step / SHORTEST,
    time: (run, runs) => device.time(() => repeat(run, runs)),
  };
}

function clockStopwatch(device: Device, now: () => number): Stopwatch {
  const step = clockStep(now);
  const shortest = Math.max(SHORTEST, STEPS * step);
  return {
    kind: 'clock',
    shortest,
    error: step / shortest,
    async time(run, runs) {
      await device.finished();
      const start = now();
      repeat(run, runs);
      await device.finished();
      return now() - start;
    },
  };
}

/** Milliseconds of a run: the mean over as many as make a sample long enough, found by trying and kept for the next sample. */
export function sampler(stopwatch: Stopwatch, run: () => void): () => Promise<number> {
  let runs = 1;
  return async () => {
    for (;;) {
      const total = await stopwatch.time(run, runs);
      if (total >= stopwatch.shortest || runs >= MOST_RUNS) return total / runs;
      const wanted = (1.2 * stopwatch.shortest) / total; // infinite where the clock saw nothing
      runs = Math.min(MOST_RUNS, Math.ceil(runs * Math.min(16, wanted)));
    }
  };
}

/**
 * The step of a device's timestamps in milliseconds, by the values themselves: the least difference between the times of
 * some short kernels, and 0. Infinite where there are no timestamps, or where they do not move. Times that happen to be equal
 * make the step look coarser than it is: then the clock is taken, which is never wrong.
 */
async function timestampStep(device: Device): Promise<number> {
  if (!device.info.features.includes('timestamp-query')) return Number.POSITIVE_INFINITY;
  const probe = () => void full(device, [PROBED_ELEMENTS], 1);
  const events = await device
    .trace(() => scope(device, () => repeat(probe, PROBES)))
    .catch((error: unknown): KernelEvent[] => {
      if (error instanceof FoveaError && error.code === 'unsupported') return []; // promised and not given
      throw error;
    });
  const times = [0, ...events.map(({ milliseconds }) => milliseconds)].sort((a, b) => a - b);
  const differences = times.slice(1).map((time, i) => time - times[i]!);
  return Math.min(...differences.filter((difference) => difference > 0));
}

/** The step of a clock in milliseconds: the least of some changes. */
function clockStep(now: () => number): number {
  const changes = Array.from({ length: 3 }, () => {
    const before = now();
    let after = now();
    while (after === before) after = now();
    return after - before;
  });
  return Math.min(...changes);
}

function repeat(run: () => void, runs: number): void {
  for (let i = 0; i < runs; i++) run();
}
