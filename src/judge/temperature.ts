/**
 * @file Temperature scaling: logits divided by one number, so that probabilities mean what they say.
 *
 * C. Guo, G. Pleiss, Y. Sun, K. Weinberger, "On Calibration of Modern Neural Networks", ICML 2017. The order of the predictions stays,
 * so the AUC and all that thresholds can reach stay too.
 */

import { checkArgument, describe, NUMBERS, POSITIVE, whole } from '../arguments.ts';
import { counted } from '../counted.ts';
import { check } from '../errors.ts';

/** What {@link fitTemperature} found. */
export interface Temperature {
  /** Logits are to be divided by it: above 1 where the model is too sure of itself. */
  readonly temperature: number;
  /** The mean negative log-likelihood of the labels as the logits are. */
  readonly lossBefore: number;
  /** That of the divided logits. */
  readonly lossAfter: number;
}

/** Where the best temperature lies beyond, as where all predictions are right, the nearer end is given. */
const RANGE = { low: 0.01, high: 100 };
const HALVINGS = 60;
const CLASSES = whole(1, 1e6);

/**
 * The temperature that makes the labels the most likely: the minimum of the mean negative log-likelihood, which is convex in 1/T, found
 * by halving the interval on whose ends its derivative has different signs. It lies between 0.01 and 100; NaN without samples. Fit it
 * on other samples than those that it is judged by.
 *
 * Throws 'shape-mismatch' where the lists do not fit, 'bad-data' for a logit that is not finite or a label that is no class.
 *
 * @param logits one per sample, or `classes` per sample, row by row
 * @param labels the class of each sample
 * @param classes numbers per sample: 1, the default, for one logit of class 1, else the number of classes
 */
export function fitTemperature(
  logits: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes = 1,
): Temperature {
  checkLogits('fitTemperature', logits, classes);
  checkClasses('fitTemperature', labels, logits, classes);
  if (labels.length === 0) return { temperature: Number.NaN, lossBefore: Number.NaN, lossAfter: Number.NaN };
  const slopeAt = (inverse: number) => likelihood(logits, labels, classes, inverse).slope;
  let [low, high] = [1 / RANGE.high, 1 / RANGE.low];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = Math.sqrt(low * high);
    if (slopeAt(middle) < 0) low = middle;
    else high = middle;
  }
  const inverse = Math.sqrt(low * high);
  return {
    temperature: 1 / inverse,
    lossBefore: likelihood(logits, labels, classes, 1).loss,
    lossAfter: likelihood(logits, labels, classes, inverse).loss,
  };
}

/**
 * The probabilities of logits divided by `temperature`: of class 1 for one logit per sample, else of each class, row by row.
 * Throws as {@link fitTemperature}, and 'invalid-argument' unless `temperature` is above 0.
 */
export function scaledProbabilities(
  logits: ArrayLike<number>,
  temperature: number,
  classes = 1,
): Float64Array {
  checkLogits('scaledProbabilities', logits, classes);
  checkArgument('the temperature of scaledProbabilities', temperature, POSITIVE);
  if (classes === 1) return Float64Array.from(logits, (logit) => 1 / (1 + Math.exp(-logit / temperature)));
  const result = new Float64Array(logits.length);
  for (let row = 0; row < logits.length; row += classes)
    result.set(softmax(logits, row, classes, 1 / temperature), row);
  return result;
}

/** The mean negative log-likelihood of logits times `inverse`, and its derivative with respect to `inverse`. */
function likelihood(
  logits: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
  inverse: number,
): { loss: number; slope: number } {
  let loss = 0;
  let slope = 0;
  for (let i = 0; i < labels.length; i++) {
    if (classes === 1) {
      const margin = labels[i] === 1 ? logits[i]! : -logits[i]!;
      loss += softplus(-margin * inverse);
      slope -= margin / (1 + Math.exp(margin * inverse));
    } else {
      const probabilities = softmax(logits, i * classes, classes, inverse);
      const logit = logits[i * classes + labels[i]!]!;
      const { expected, normalizer } = momentsOf(logits, i * classes, probabilities, inverse);
      loss += normalizer - logit * inverse;
      slope += expected - logit;
    }
  }
  return { loss: loss / labels.length, slope: slope / labels.length };
}

/** log(1 + eˣ). */
function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

function softmax(logits: ArrayLike<number>, row: number, classes: number, inverse: number): number[] {
  const scaled = Array.from({ length: classes }, (_, k) => logits[row + k]! * inverse);
  const greatest = Math.max(...scaled);
  const powers = scaled.map((value) => Math.exp(value - greatest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

/** The expected logit, and the logarithm of the sum of the exponentials. */
function momentsOf(
  logits: ArrayLike<number>,
  row: number,
  probabilities: readonly number[],
  inverse: number,
): { expected: number; normalizer: number } {
  const scaled = probabilities.map((_, k) => logits[row + k]! * inverse);
  const greatest = Math.max(...scaled);
  const expected = probabilities.reduce((sum, p, k) => sum + p * logits[row + k]!, 0);
  const normalizer = greatest + Math.log(scaled.reduce((sum, x) => sum + Math.exp(x - greatest), 0));
  return { expected, normalizer };
}

function checkLogits(what: string, logits: ArrayLike<number>, classes: number): void {
  checkArgument(`the logits of ${what}`, logits, NUMBERS);
  checkArgument(`the classes of ${what}`, classes, CLASSES);
  check(logits.length % classes === 0, 'shape-mismatch', () => {
    return `${what}: ${counted(logits.length, 'logit is', 'logits are')} no whole rows of ${classes}.`;
  });
  for (let i = 0; i < logits.length; i++)
    check(Number.isFinite(logits[i]), 'bad-data', () => {
      return `${what}: the logit ${i} is ${describe(logits[i])}, not a finite number.`;
    });
}

function checkClasses(
  what: string,
  labels: ArrayLike<number>,
  logits: ArrayLike<number>,
  classes: number,
): void {
  checkArgument(`the labels of ${what}`, labels, NUMBERS);
  check(logits.length === labels.length * classes, 'shape-mismatch', () => {
    return `${what}: ${counted(logits.length, 'logit')}, ${classes} per sample, but ${counted(labels.length, 'label')}.`;
  });
  const last = Math.max(classes - 1, 1);
  for (let i = 0; i < labels.length; i++)
    check(Number.isInteger(labels[i]) && labels[i]! >= 0 && labels[i]! <= last, 'bad-data', () => {
      return `${what}: the label of sample ${i} is ${describe(labels[i])}, not a whole number from 0 to ${last}.`;
    });
}
