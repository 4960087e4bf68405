/**
 * @file Whether probabilities mean what they say: of samples given 0.8, four in five should be positive.
 */

import { checkOptions, type OptionRules, whole } from '../arguments.ts';
import { checkProbabilities } from './scores.ts';

/** Samples whose probabilities lie close together. */
export interface CalibrationBin {
  /** Probabilities above this one are in it; in the first bin also 0. */
  readonly low: number;
  /** The greatest probability in it. */
  readonly high: number;
  /** How many samples it holds. */
  readonly samples: number;
  /** The mean of their probabilities; NaN in an empty bin. */
  readonly meanProbability: number;
  /** The share of them that is positive; NaN in an empty bin. */
  readonly frequency: number;
}

/** {@link calibrationOf}'s result. */
export interface Calibration {
  /** Of equal width, from 0 to 1: the points of a reliability diagram. */
  readonly bins: readonly CalibrationBin[];
  /** Σ nᵢ/n |frequencyᵢ − meanProbabilityᵢ| over the bins. */
  readonly expectedCalibrationError: number;
  /** The mean of (p − y)², the score of G. Brier, "Verification of forecasts", 1950, for two classes. */
  readonly brier: number;
}

/** How {@link calibrationOf} goes about it. */
export interface CalibrationOptions {
  /** Number of bins, 10 by default. */
  readonly bins?: number | undefined;
}

const OPTIONS: OptionRules<CalibrationOptions> = { bins: whole(1, 1000) };

/**
 * How probabilities of class 1 agree with how often it is there. Figures of no samples are NaN. Throws 'shape-mismatch' where the lists
 * differ in length, 'bad-data' for a probability outside [0, 1] or a label that is not 0 or 1, 'invalid-argument' for other options.
 */
export function calibrationOf(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  options: CalibrationOptions = {},
): Calibration {
  checkProbabilities('calibrationOf', probabilities, labels);
  checkOptions('calibrationOf', options, OPTIONS);
  const { bins: count = 10 } = options;
  const sums = Array.from({ length: count }, () => ({ samples: 0, probability: 0, positives: 0 }));
  let squares = 0;
  for (let i = 0; i < labels.length; i++) {
    const probability = probabilities[i]!;
    const bin = sums[Math.max(0, Math.ceil(probability * count) - 1)]!;
    bin.samples++;
    bin.probability += probability;
    bin.positives += labels[i]!;
    squares += (probability - labels[i]!) ** 2;
  }
  const bins = sums.map(({ samples, probability, positives }, i) => ({
    low: i / count,
    high: (i + 1) / count,
    samples,
    meanProbability: probability / samples,
    frequency: positives / samples,
  }));
  const gaps = sums.reduce((sum, { probability, positives }) => sum + Math.abs(positives - probability), 0);
  return { bins, expectedCalibrationError: gaps / labels.length, brier: squares / labels.length };
}
