/**
 * @file What every threshold would give: the ROC curve and the precision-recall curve.
 *
 * A sample counts as positive where its score is at least the threshold. Points come in the order of falling thresholds.
 */

import { checkOrdered, scoreSteps } from './scores.ts';

/** A point of the ROC curve. */
export interface RocPoint {
  /** The lowest score that counts as positive; infinite at the first point, where none does. */
  readonly threshold: number;
  /** The share of the positives that are found. */
  readonly sensitivity: number;
  /** The share of the negatives that are predicted as such; the curve is drawn over 1 − specificity. */
  readonly specificity: number;
}

/** A point of the precision-recall curve. */
export interface PrecisionRecallPoint {
  /** The lowest score that counts as positive. */
  readonly threshold: number;
  /** The share of what counts as positive that is. */
  readonly precision: number;
  /** The share of the positives that are found: sensitivity by another name. */
  readonly recall: number;
}

/** {@link precisionRecallCurve}'s result. */
export interface PrecisionRecallCurve {
  /** One for each distinct score. */
  readonly points: readonly PrecisionRecallPoint[];
  /** Σ (Rᵢ − Rᵢ₋₁) Pᵢ, without interpolation; NaN where there is no positive. */
  readonly averagePrecision: number;
}

/**
 * The ROC curve, from (1 − specificity, sensitivity) = (0, 0) to (1, 1): a point for each distinct score, and the first. The shares of a
 * class that is missing are NaN. Throws 'shape-mismatch' where the lists differ in length, 'bad-data' for a score that is NaN or a
 * label that is not 0 or 1.
 */
export function rocCurve(scores: ArrayLike<number>, labels: ArrayLike<number>): RocPoint[] {
  checkOrdered('rocCurve', scores, labels);
  const steps = scoreSteps(scores, labels);
  const positives = steps.reduce((sum, step) => sum + step.positives, 0);
  const negatives = labels.length - positives;
  let found = 0;
  let mistaken = 0;
  const point = (threshold: number): RocPoint => ({
    threshold,
    sensitivity: found / positives,
    specificity: (negatives - mistaken) / negatives,
  });
  const first = point(Number.POSITIVE_INFINITY);
  const rest = steps.map((step) => {
    found += step.positives;
    mistaken += step.negatives;
    return point(step.score);
  });
  return [first, ...rest];
}

/** The precision-recall curve and its average precision. Throws as {@link rocCurve}. */
export function precisionRecallCurve(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
): PrecisionRecallCurve {
  checkOrdered('precisionRecallCurve', scores, labels);
  const steps = scoreSteps(scores, labels);
  const positives = steps.reduce((sum, step) => sum + step.positives, 0);
  let found = 0;
  let passed = 0;
  let averagePrecision = positives > 0 ? 0 : Number.NaN;
  const points = steps.map((step) => {
    found += step.positives;
    passed += step.positives + step.negatives;
    const precision = found / passed;
    averagePrecision += (step.positives / positives) * precision;
    return { threshold: step.score, precision, recall: found / positives };
  });
  return { points, averagePrecision };
}
