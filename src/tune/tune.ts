/**
 * @file Finds the fastest kernels for convolutions by measuring.
 */

import { checkArgument, checkOptions, FUNCTION, type OptionRules } from '../arguments.ts';
import type { Device } from '../device/device.ts';
import type { Algorithm } from '../kernels/conv2d/algorithm.ts';
import type { Pass, TunedAlgorithms } from '../kernels/conv2d/passes.ts';
import { referenceAlgorithm } from '../kernels/conv2d/references.ts';
import { candidates, heuristicAlgorithm } from '../kernels/conv2d/selection.ts';
import { checkDevice } from '../tensor/check-device.ts';
import { scope } from '../tensor/scope.ts';
import { algorithmsOf, setTuning, tuningOf } from '../tensor/tuning.ts';
import { PassOperands } from './pass-operands.ts';
import { loadTuningTable, saveTuningTable, type TuningStore } from './tuning-store.ts';
import { type ConvolutionPass, passKey, tuningKeyOf } from './tuning-table.ts';

/** An algorithm that differs from the reference by more (norm of the difference over the norm) is not taken. */
const TOLERANCE = 1e-4;
/** An algorithm must beat the heuristics' choice by this factor: less may be noise. */
const WORTHWHILE = 1.05;
/** An algorithm that takes this many times as long as the best one is not measured again. */
const HOPELESS = 2;
const RUNS = 5;
/** Runs are repeated until they took this long, as far as {@link RUNS} go. */
const LONG_ENOUGH_MS = 500;

/** What an algorithm was found to be. */
export interface Candidate {
  readonly algorithm: string;
  /** Median time on the device; undefined where the result was wrong. */
  readonly milliseconds: number | undefined;
  /** How far the result is from the reference kernel's: norm of the difference over the norm. */
  readonly error: number;
}

/** What was found for one pass. */
export interface TunedPass extends ConvolutionPass {
  /** What the heuristics would take. */
  readonly heuristic: string;
  readonly chosen: string;
  readonly candidates: readonly Candidate[];
}

/** The passes of convolutions that `work` would run, each once. `work` is called, but no kernel runs. */
export function convolutionsOf(device: Device, work: () => void): ConvolutionPass[] {
  const passes = new Map<string, ConvolutionPass>();
  const recorder: TunedAlgorithms = {
    algorithmOf: (pass, geometry) => {
      passes.set(passKey({ pass, geometry }), { pass, geometry });
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
  return [...passes.values()];
}

/** How {@link tune} works. */
export interface TuneOptions {
  /** Told each pass as soon as it is measured, with how many there are. */
  readonly onPass?: (tuned: TunedPass, done: number, total: number) => void;
}

const OPTIONS: OptionRules<TuneOptions> = { onPass: FUNCTION };

/**
 * Measures, for every convolution that `work` runs, all kernels that may be the fastest on the device's adapter, takes
 * the best from now on, and keeps the choice in `store`. `work` is called once, without running a kernel. Results of a
 * tuned device differ from an untuned one's by rounding.
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
  const { onPass } = options;
  const key = tuningKeyOf(device.info);
  const passes = convolutionsOf(device, work);
  const tuned: TunedPass[] = [];
  for (const pass of passes) {
    tuned.push(await tunePass(device, pass));
    onPass?.(tuned.at(-1)!, tuned.length, passes.length);
  }
  device.trim();
  const table = await loadTuningTable(store, key);
  for (const pass of tuned) table.choose(pass, pass.chosen);
  setTuning(device, table);
  await saveTuningTable(store, table, key);
  return tuned;
}

/** Measures all algorithms that may serve a pass; each must give the reference kernel's result. */
export async function tunePass(device: Device, { pass, geometry }: ConvolutionPass): Promise<TunedPass> {
  const operands = new PassOperands(device, geometry);
  const algorithms = algorithmsOf(device);
  try {
    const heuristic = heuristicAlgorithm(algorithms, pass, geometry, device.target).name;
    const expected = await resultOf(device, operands, pass, referenceAlgorithm(geometry));
    const found: Candidate[] = [];
    for (const algorithm of candidates(algorithms, pass, geometry, device.target)) {
      const best = Math.min(...found.map(timeOf));
      const error = relativeError(await resultOf(device, operands, pass, algorithm), expected);
      const run = () => operands.run(pass, algorithm);
      const milliseconds = error < TOLERANCE ? await timePass(device, run, best) : undefined;
      found.push({ algorithm: algorithm.name, milliseconds, error });
    }
    return { pass, geometry, heuristic, chosen: chooseAmong(found, heuristic), candidates: found };
  } finally {
    operands.dispose();
  }
}

/** What an algorithm computes, as it lies in memory. */
async function resultOf(
  device: Device,
  operands: PassOperands,
  pass: Pass,
  algorithm: Algorithm,
): Promise<Float32Array> {
  const { slice, bytes } = operands.results[pass];
  device.clear(slice);
  operands.run(pass, algorithm);
  const [result] = await device.read([slice]);
  return new Float32Array(result!, 0, bytes / Float32Array.BYTES_PER_ELEMENT);
}

/** Norm of the difference over the norm; NaN where a value is none. */
function relativeError(actual: Float32Array, expected: Float32Array): number {
  let [difference, norm] = [0, 0];
  expected.forEach((value, i) => {
    difference += (actual[i]! - value) ** 2;
    norm += value ** 2;
  });
  return Math.sqrt(difference / norm);
}

/** What candidates are ordered by; a wrong one comes last. */
export const timeOf = ({ milliseconds = Number.POSITIVE_INFINITY }: Candidate): number => milliseconds;

/** The fastest algorithm, the heuristics' choice if it is as good. At least one is right: the reference is among them. */
function chooseAmong(found: readonly Candidate[], heuristic: string): string {
  const fastest = found.reduce((best, candidate) => (timeOf(candidate) < timeOf(best) ? candidate : best));
  const expected = found.find(({ algorithm }) => algorithm === heuristic);
  return expected && timeOf(expected) < timeOf(fastest) * WORTHWHILE ? heuristic : fastest.algorithm;
}

/** The median time of a pass that has run before; of one run if that shows it has no hope against `best`. */
async function timePass(device: Device, run: () => void, best: number): Promise<number> {
  const times = [await device.time(run)];
  const total = () => times.reduce((sum, time) => sum + time, 0);
  while (times[0]! < best * HOPELESS && times.length < RUNS && total() < LONG_ENOUGH_MS) {
    times.push(await device.time(run));
  }
  return times.toSorted((a, b) => a - b)[times.length >> 1]!;
}
