/**
 * @file What one threshold gives, and which threshold to take.
 */

import { between, checkArgument } from '../arguments.ts';
import { checkOrdered, checkProbabilities, scoreSteps } from './scores.ts';

/** How a test with a threshold does. A share of nothing is NaN. */
export interface OperatingPoint {
  /** The lowest score that counts as positive; infinite where none does. */
  readonly threshold: number;
  /** Samples of class 1 that count as positive. */
  readonly truePositives: number;
  /** Samples of class 0 that count as positive. */
  readonly falsePositives: number;
  /** Samples of class 0 that do not. */
  readonly trueNegatives: number;
  /** Samples of class 1 that do not. */
  readonly falseNegatives: number;
  /** TP / (TP + FN), the share of the positives that are found; recall by another name. */
  readonly sensitivity: number;
  /** TN / (TN + FP). */
  readonly specificity: number;
  /** TP / (TP + FP), the positive predictive value: it depends on how frequent the positives are in these samples. */
  readonly precision: number;
  /** TN / (TN + FN), the negative predictive value, which does so too. */
  readonly negativePredictiveValue: number;
  /** 2 TP / (2 TP + FP + FN), the harmonic mean of precision and sensitivity. */
  readonly f1: number;
  /** (TP + TN) / all. */
  readonly accuracy: number;
  /** Youden's J: sensitivity + specificity − 1. */
  readonly youden: number;
}

const SHARE = between(0, 1);
const THRESHOLD = between(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);

/**
 * What the threshold gives: a score of at least `threshold` counts as positive. Throws 'shape-mismatch' where the lists differ in
 * length, 'bad-data' for a score that is NaN or a label that is not 0 or 1, 'invalid-argument' for a threshold that is NaN.
 */
export function atThreshold(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  threshold: number,
): OperatingPoint {
  checkOrdered('atThreshold', scores, labels);
  checkArgument('the threshold of atThreshold', threshold, THRESHOLD);
  return pointOf(scores, labels, threshold, (score) => score >= threshold);
}

/** What probabilities above one half give: `predictedClass`, for which exactly one half is class 0. Throws as {@link atThreshold}. */
export function atOneHalf(probabilities: ArrayLike<number>, labels: ArrayLike<number>): OperatingPoint {
  checkProbabilities('atOneHalf', probabilities, labels);
  return pointOf(probabilities, labels, 0.5, (probability) => Math.fround(probability) > 0.5);
}

/**
 * The threshold with the greatest Youden index, sensitivity + specificity − 1 (W. Youden, "Index for rating diagnostic tests", 1950); of
 * several the highest. Where a class is missing there is no index, and the threshold is infinite. Throws as {@link atThreshold}.
 */
export function atBestYouden(scores: ArrayLike<number>, labels: ArrayLike<number>): OperatingPoint {
  checkOrdered('atBestYouden', scores, labels);
  const { positives, negatives } = countsOf(labels);
  let found = 0;
  let mistaken = 0;
  let best = { youden: 0, threshold: Number.POSITIVE_INFINITY };
  for (const step of scoreSteps(scores, labels)) {
    found += step.positives;
    mistaken += step.negatives;
    const youden = found / positives - mistaken / negatives;
    if (youden > best.youden) best = { youden, threshold: step.score };
  }
  return atThreshold(scores, labels, best.threshold);
}

/**
 * The highest threshold whose sensitivity is at least `wanted`: of all that find so many, the one with the greatest specificity. Throws
 * as {@link atThreshold}, and 'invalid-argument' unless `wanted` lies between 0 and 1.
 */
export function atSensitivity(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  wanted: number,
): OperatingPoint {
  checkOrdered('atSensitivity', scores, labels);
  checkArgument('the sensitivity wanted of atSensitivity', wanted, SHARE);
  const { positives } = countsOf(labels);
  let found = 0;
  let threshold = Number.POSITIVE_INFINITY;
  for (const step of scoreSteps(scores, labels)) {
    if (!(found / positives < wanted)) break;
    found += step.positives;
    threshold = step.score;
  }
  return atThreshold(scores, labels, threshold);
}

function countsOf(labels: ArrayLike<number>): { positives: number; negatives: number } {
  let positives = 0;
  for (let i = 0; i < labels.length; i++) positives += labels[i]!;
  return { positives, negatives: labels.length - positives };
}

function pointOf(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  threshold: number,
  isPositive: (score: number) => boolean,
): OperatingPoint {
  let [truePositives, falsePositives, trueNegatives, falseNegatives] = [0, 0, 0, 0];
  for (let i = 0; i < labels.length; i++) {
    if (isPositive(scores[i]!)) labels[i] === 1 ? truePositives++ : falsePositives++;
    else labels[i] === 1 ? falseNegatives++ : trueNegatives++;
  }
  const sensitivity = truePositives / (truePositives + falseNegatives);
  const specificity = trueNegatives / (trueNegatives + falsePositives);
  return {
    threshold,
    ...{ truePositives, falsePositives, trueNegatives, falseNegatives },
    sensitivity,
    specificity,
    precision: truePositives / (truePositives + falsePositives),
    negativePredictiveValue: trueNegatives / (trueNegatives + falseNegatives),
    f1: (2 * truePositives) / (2 * truePositives + falsePositives + falseNegatives),
    accuracy: (truePositives + trueNegatives) / labels.length,
    youden: sensitivity + specificity - 1,
  };
}
