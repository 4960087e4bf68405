/**
 * @file All figures of a set of predictions at once, as `fovea eval` prints them and a report shows them.
 */

import {
  between,
  checkOptions,
  checkProperties,
  FUNCTION,
  listOf,
  NUMBERS,
  type OptionRules,
  required,
  STRING,
} from '../arguments.ts';
import { check } from '../errors.ts';
import { aucInterval, INTERVAL_OPTIONS, type Interval, type IntervalOptions } from './auc.ts';
import { type Calibration, calibrationOf } from './calibration.ts';
import { type PrecisionRecallCurve, precisionRecallCurve, type RocPoint, rocCurve } from './curves.ts';
import { atBestYouden, atOneHalf, atSensitivity, type OperatingPoint } from './operating-point.ts';
import { bySubgroup, type GroupOf, palmGroup, type Subgroup } from './subgroups.ts';
import { fitTemperature, scaledProbabilities, type Temperature } from './temperature.ts';

/** Predictions of two classes with what they should have been, one of each per sample. */
export interface JudgedPredictions {
  /** The names of the samples' files. */
  readonly names: readonly string[];
  /** What they show, 0 or 1. */
  readonly labels: ArrayLike<number>;
  /** The logits of class 1. */
  readonly logits: ArrayLike<number>;
}

/** How {@link judge} goes about it. */
export interface JudgeOptions extends IntervalOptions {
  /** The sensitivity that a threshold is looked up for, 0.95 by default. */
  readonly sensitivity?: number | undefined;
  /** The group of a sample by its name; by default H, N and P of iChallenge-PM's training photographs. */
  readonly groupOf?: GroupOf | undefined;
}

/** What a set of predictions of two classes comes to. */
export interface Judgement {
  /** How many there are. */
  readonly samples: number;
  /** How many of them are of class 1. */
  readonly positives: number;
  /** With its bootstrap interval. */
  readonly auc: Interval;
  /** At one half, at the best Youden index and at the sensitivity wanted; thresholds are probabilities. */
  readonly points: {
    /** `atOneHalf`. */
    readonly half: OperatingPoint;
    /** `atBestYouden`. */
    readonly youden: OperatingPoint;
    /** `atSensitivity`. */
    readonly sensitivity: OperatingPoint;
  };
  /** What `points.sensitivity` was looked up for. */
  readonly wantedSensitivity: number;
  /** Of the probabilities as the model gives them. */
  readonly calibration: Calibration;
  /** Fitted on these very samples. */
  readonly temperature: Temperature;
  /** Of the probabilities at that temperature: by construction better than what other samples would give. */
  readonly scaled: Calibration;
  /** By group, where samples have any. */
  readonly subgroups: readonly Subgroup[];
  /** `rocCurve`. */
  readonly roc: readonly RocPoint[];
  /** `precisionRecallCurve`. */
  readonly precisionRecall: PrecisionRecallCurve;
}

const OPTIONS: OptionRules<JudgeOptions> = {
  ...INTERVAL_OPTIONS,
  sensitivity: between(0, 1),
  groupOf: FUNCTION,
};
const PREDICTIONS: OptionRules<JudgedPredictions> = {
  names: required(listOf(STRING, 'an array of names, one per sample')),
  labels: required(NUMBERS),
  logits: required(NUMBERS),
};

/**
 * Judges predictions of two classes. Everything that needs only the order is computed from the logits, which keep it where
 * probabilities round to 1.
 *
 * Throws 'bad-data' where there are none, for a logit that is not finite or a label that is not 0 or 1; 'shape-mismatch' where the lists
 * differ in length; 'invalid-argument' for other options.
 */
export function judge(predictions: JudgedPredictions, options: JudgeOptions = {}): Judgement {
  checkOptions('judge', options, OPTIONS);
  checkProperties('the predictions of judge', predictions, PREDICTIONS);
  const { names, labels, logits } = predictions;
  check(labels.length > 0, 'bad-data', () => 'there is nothing to judge: no predictions were given.');
  const { sensitivity = 0.95, groupOf = palmGroup, ...interval } = options;
  const probabilities = scaledProbabilities(logits, 1);
  const temperature = fitTemperature(logits, labels);
  const asProbability = (point: OperatingPoint): OperatingPoint => ({
    ...point,
    // One that lets nothing pass stays one.
    threshold: Number.isFinite(point.threshold) ? 1 / (1 + Math.exp(-point.threshold)) : point.threshold,
  });
  return {
    samples: labels.length,
    positives: Array.from(labels).reduce((a, b) => a + b, 0),
    auc: aucInterval(logits, labels, interval),
    points: {
      half: atOneHalf(probabilities, labels),
      youden: asProbability(atBestYouden(logits, labels)),
      sensitivity: asProbability(atSensitivity(logits, labels, sensitivity)),
    },
    wantedSensitivity: sensitivity,
    calibration: calibrationOf(probabilities, labels),
    temperature,
    scaled: calibrationOf(scaledProbabilities(logits, temperature.temperature), labels),
    subgroups: bySubgroup(names, probabilities, labels, groupOf),
    roc: rocCurve(logits, labels),
    precisionRecall: precisionRecallCurve(logits, labels),
  };
}
