/**
 * @file Finds the fastest kernels for convolutions by measuring.
 */

import {
  checkArgument,
  checkOptions,
  FUNCTION,
  type OptionRules,
  POSITIVE,
  SIGNAL,
  type StopSignal,
} from '../arguments.ts';
import type { Device } from '../device/device.ts';
import type { TunedAlgorithms } from '../kernels/conv2d/passes.ts';
import { conv2dMultiplyAdds } from '../shape/conv2d.ts';
import { checkDevice } from '../tensor/check-device.ts';
import { scope } from '../tensor/scope.ts';
import { setTuning, tuningOf } from '../tensor/tuning.ts';
import { chooseStopwatch } from './stopwatch.ts';
import { type TunedPass, tunePass } from './tune-pass.ts';
import { tuningKeyOf } from './tuning-key.ts';
import { loadTuningTable, saveTuningTable, type TuningStore } from './tuning-store.ts';
import { type ConvolutionPass, passKey, TuningTable } from './tuning-table.ts';

/**
 * The passes of convolutions that `work` would run, each once, the most expensive first: by multiply-adds, times how often the
 * pass occurs. `work` is called, but no kernel runs.
 */
export function convolutionsOf(device: Device, work: () => void): ConvolutionPass[] {
  const passes = new Map<string, { readonly found: ConvolutionPass; cost: number }>();
  const recorder: TunedAlgorithms = {
    algorithmOf: (pass, geometry) => {
      const key = passKey({ pass, geometry });
      const entry = passes.get(key) ?? { found: { pass, geometry }, cost: 0 };
      entry.cost += conv2dMultiplyAdds(geometry);
      passes.set(key, entry);
      return undefined;
    },
  };
  const before = tuningOf(device);
  setTuning(device, recorder);
  try {
    device.dryRun(() => scope(device, work));
  } finally {
    setTuning(device, before);
  }
  return [...passes.values()].sort((a, b) => b.cost - a.cost).map(({ found }) => found);
}

/** Where {@link tune} is. */
export interface TuneProgress extends ConvolutionPass {
  /** The algorithm that is about to be measured. */
  readonly algorithm: string;
  /** Passes that are decided. */
  readonly done: number;
  /** Passes to be measured. */
  readonly total: number;
  /** Since the beginning. */
  readonly seconds: number;
}

/** How {@link tune} works. */
export interface TuneOptions {
  /** Told each pass as soon as it is decided, with how many there are. */
  readonly onPass?: (tuned: TunedPass, done: number, total: number) => void;
  /** Told before each sample what is about to be measured. */
  readonly onProgress?: (progress: TuneProgress) => void;
  /** Stops when it is aborted; what was decided by then is kept. */
  readonly signal?: StopSignal;
  /** Stops after so many seconds; what was decided by then is kept. No bound by default. */
  readonly budget?: number;
}

const OPTIONS: OptionRules<TuneOptions> = {
  onPass: FUNCTION,
  onProgress: FUNCTION,
  signal: SIGNAL,
  budget: POSITIVE,
};

/**
 * Measures, for the convolutions that `work` runs, all kernels that may be the fastest on the device's adapter, the most
 * expensive convolutions first, takes the best from now on, and keeps the choice in `store`. `work` is called once, without
 * running a kernel. Results of a tuned device differ from an untuned one's by rounding.
 *
 * Another algorithm replaces the heuristics' choice only where its gain exceeds the noise of both, see `race.ts`.
 */
export async function tuneInto(
  store: TuningStore,
  device: Device,
  work: () => void,
  options: TuneOptions = {},
): Promise<TunedPass[]> {
  checkDevice('tune', device);
  checkArgument('the work of tune', work, FUNCTION);
  checkOptions('tune', options, OPTIONS);
  const key = tuningKeyOf(device.info);
  const tuned = await tunePasses(device, convolutionsOf(device, work), options);
  device.trim();
  const table = (await loadTuningTable(store, key)) ?? new TuningTable();
  for (const pass of tuned) table.choose(pass, pass.chosen);
  setTuning(device, table);
  await saveTuningTable(store, table, key);
  return tuned;
}

/** Measures passes in turn, until all are decided or it is to stop. */
async function tunePasses(
  device: Device,
  passes: readonly ConvolutionPass[],
  { onPass, onProgress, signal, budget = Number.POSITIVE_INFINITY }: TuneOptions,
): Promise<TunedPass[]> {
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  const stopwatch = await chooseStopwatch(device);
  const tuned: TunedPass[] = [];
  for (const pass of passes) {
    const found = await tunePass(device, pass, stopwatch, {
      isStopped: () => signal?.aborted === true || seconds() >= budget,
      onSample: (algorithm) =>
        onProgress?.({ ...pass, algorithm, done: tuned.length, total: passes.length, seconds: seconds() }),
    });
    if (!found) break;
    tuned.push(found);
    onPass?.(found, tuned.length, passes.length);
  }
  return tuned;
}
