/**
 * @file Measures the algorithms of one pass of a convolution.
 */

import type { Device } from '../device/device.ts';
import type { Algorithm } from '../kernels/conv2d/algorithm.ts';
import type { Pass } from '../kernels/conv2d/passes.ts';
import { candidates, heuristicAlgorithm, referenceAlgorithm } from '../kernels/conv2d/selection.ts';
import { algorithmsOf } from '../tensor/tuning.ts';
import { PassOperands } from './pass-operands.ts';
import { type Contestant, type Race, race } from './race.ts';
import { type Stopwatch, sampler } from './stopwatch.ts';
import type { ConvolutionPass } from './tuning-table.ts';

/** An algorithm that differs from the reference by more (norm of the difference over the norm) is not taken. */
const TOLERANCE = 1e-4;

/** What an algorithm was found to be. */
export interface Candidate {
  /** Its name. */
  readonly algorithm: string;
  /** Median time of a run on the device; undefined where the result was wrong. */
  readonly milliseconds: number | undefined;
  /** Where that median lies, by the spread of what was measured; undefined where the result was wrong. */
  readonly interval: readonly [low: number, high: number] | undefined;
  /** How far the result is from the reference kernel's: norm of the difference over the norm. */
  readonly error: number;
}

/** What was found for one pass. */
export interface TunedPass extends ConvolutionPass {
  /** What the heuristics would take. */
  readonly heuristic: string;
  /** What is taken from now on. */
  readonly chosen: string;
  /** All algorithms that were tried, and what was measured. */
  readonly candidates: readonly Candidate[];
}

/** Who looks on while a pass is measured. */
export interface Observer {
  /** Asked before each sample. */
  readonly isStopped: () => boolean;
  /** Told before each sample. */
  readonly onSample: (algorithm: string) => void;
}

const NOBODY: Observer = { isStopped: () => false, onSample: () => {} };

/**
 * Measures all algorithms that may serve a pass; each must give the reference kernel's result. Undefined where it was
 * stopped before the pass was decided.
 */
export async function tunePass(
  device: Device,
  { pass, geometry }: ConvolutionPass,
  stopwatch: Stopwatch,
  { isStopped, onSample }: Observer = NOBODY,
): Promise<TunedPass | undefined> {
  const operands = new PassOperands(device, geometry);
  const algorithms = algorithmsOf(device);
  try {
    const expected = await resultOf(device, operands, pass, referenceAlgorithm(algorithms, geometry));
    const errors = new Map<string, number>();
    const contestants: Contestant[] = [];
    for (const algorithm of candidates(algorithms, pass, geometry, device.target)) {
      if (isStopped()) return undefined;
      const { name } = algorithm;
      onSample(name);
      const error = relativeError(await resultOf(device, operands, pass, algorithm), expected);
      errors.set(name, error);
      if (!(error < TOLERANCE)) continue;
      const measure = sampler(stopwatch, () => operands.run(pass, algorithm));
      const sample = () => {
        onSample(name);
        return measure();
      };
      contestants.push({ name, sample });
    }
    const heuristic = heuristicAlgorithm(algorithms, pass, geometry, device.target).name;
    const result = await race(contestants, { incumbent: heuristic, error: stopwatch.error, isStopped });
    if (!result) return undefined;
    return { pass, geometry, heuristic, chosen: result.winner, candidates: describe(errors, result) };
  } finally {
    operands.dispose();
  }
}

/** What was found of each algorithm. */
function describe(errors: ReadonlyMap<string, number>, { timings }: Race): Candidate[] {
  return [...errors].map(([algorithm, error]) => {
    const timing = timings.get(algorithm);
    return { algorithm, milliseconds: timing?.milliseconds, interval: timing?.interval, error };
  });
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
