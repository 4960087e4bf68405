/**
 * @file What judges are given: a score and a label for each sample, and the order in which thresholds pass them.
 */

import { checkArgument, describe, NUMBER, NUMBERS } from '../arguments.ts';
import { counted } from '../counted.ts';
import { check } from '../errors.ts';

/**
 * Throws 'invalid-argument' unless both are lists, 'shape-mismatch' where they differ in length, 'bad-data', naming the sample, for a
 * score that is no number (NaN is one) or a label that is not 0 or 1.
 */
export function checkScores(what: string, scores: ArrayLike<number>, labels: ArrayLike<number>): void {
  checkArgument(`the predictions of ${what}`, scores, NUMBERS);
  checkArgument(`the labels of ${what}`, labels, NUMBERS);
  check(scores.length === labels.length, 'shape-mismatch', () => {
    return `${counted(scores.length, 'prediction')}, but ${counted(labels.length, 'label')}: give one of each per sample.`;
  });
  for (let i = 0; i < scores.length; i++)
    check(NUMBER.holds(scores[i]), 'bad-data', () => {
      return `The prediction of sample ${i} is ${describe(scores[i])}, not a number.`;
    });
  checkLabels(labels);
}

/** As {@link checkScores}; a score that is NaN is refused too, since it has no place in the order. */
export function checkOrdered(what: string, scores: ArrayLike<number>, labels: ArrayLike<number>): void {
  checkScores(what, scores, labels);
  for (let i = 0; i < scores.length; i++)
    check(!Number.isNaN(scores[i]), 'bad-data', () => `${what}: the prediction of sample ${i} is NaN.`);
}

/** As {@link checkOrdered}, for probabilities: numbers from 0 to 1. */
export function checkProbabilities(
  what: string,
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
): void {
  checkOrdered(what, probabilities, labels);
  for (let i = 0; i < probabilities.length; i++)
    check(probabilities[i]! >= 0 && probabilities[i]! <= 1, 'bad-data', () => {
      return `${what}: the prediction of sample ${i} is ${probabilities[i]}: a probability lies between 0 and 1.`;
    });
}

/** Throws 'bad-data', naming the first, for labels that are not 0 or 1. */
export function checkLabels(labels: ArrayLike<number>): void {
  for (let i = 0; i < labels.length; i++)
    check(
      labels[i] === 0 || labels[i] === 1,
      'bad-data',
      () => `The label of sample ${i} is ${describe(labels[i])}, not 0 or 1.`,
    );
}

/** How many samples of each class have one and the same score. */
export interface ScoreStep {
  /** What they have in common. */
  readonly score: number;
  /** Samples of class 1. */
  readonly positives: number;
  /** Samples of class 0. */
  readonly negatives: number;
}

/** The distinct scores, highest first: what a threshold that is lowered lets pass, step by step. */
export function scoreSteps(scores: ArrayLike<number>, labels: ArrayLike<number>): ScoreStep[] {
  const order = Array.from(scores, (_, i) => i).sort((a, b) => scores[b]! - scores[a]!);
  const steps: { score: number; positives: number; negatives: number }[] = [];
  for (const i of order) {
    let step = steps.at(-1);
    if (step?.score !== scores[i]) {
      step = { score: scores[i]!, positives: 0, negatives: 0 };
      steps.push(step);
    }
    if (labels[i] === 1) step!.positives++;
    else step!.negatives++;
  }
  return steps;
}
