/**
 * @file Metrics of classification into more than two classes.
 *
 * All take scores `[N, K]` row by row, K numbers per sample that rise with the chance of each class, and labels, class indexes from
 * 0 to K − 1. They throw a FoveaError 'shape-mismatch' where there are not K scores per label, and 'bad-data' for any other label.
 */

import { checkArgument, describe, NUMBERS, whole } from '../arguments.ts';
import { counted } from '../counted.ts';
import { check } from '../errors.ts';
import { auc } from './auc.ts';

const CLASSES = whole(2);

/**
 * The class of each row's greatest score, the first of equal ones, as the op `accuracy` has it; NaN is above all numbers.
 */
export function predictedClasses(scores: ArrayLike<number>, classes: number): number[] {
  return Array.from({ length: scores.length / classes }, (_, row) => {
    let best = 0;
    for (let c = 1; c < classes; c++) {
      const [score, most] = [scores[row * classes + c]!, scores[row * classes + best]!];
      if (score > most || (Number.isNaN(score) && !Number.isNaN(most))) best = c;
    }
    return best;
  });
}

/**
 * How often each class was predicted for samples of each class: `matrix[label][predicted]`. The prediction is the class of the
 * greatest score, the first of equal ones.
 */
export function confusionMatrix(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
): number[][] {
  checkScores('confusionMatrix', scores, labels, classes);
  const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  predictedClasses(scores, classes).forEach((predicted, i) => {
    matrix[labels[i]!]![predicted]!++;
  });
  return matrix;
}

/**
 * The mean over classes of the area under the ROC curve of one class against all others, each class counting alike
 * (scikit-learn's `roc_auc_score` with `multi_class='ovr', average='macro'`). NaN where a class has no sample, or all of them, and
 * where a score is NaN.
 *
 * @param scores probabilities: rows of logits cannot be compared with each other
 */
export function macroAuc(scores: ArrayLike<number>, labels: ArrayLike<number>, classes: number): number {
  checkScores('macroAuc', scores, labels, classes);
  let sum = 0;
  for (let c = 0; c < classes; c++) {
    const own = Array.from(labels, (_, i) => scores[i * classes + c]!);
    sum += auc(
      own,
      Array.from(labels, (label) => Number(label === c)),
    );
  }
  return sum / classes;
}

/** Throws 'bad-data', naming the first, for labels that are not class indexes, below `classes` where that is known. */
export function checkClasses(labels: ArrayLike<number>, classes = Number.POSITIVE_INFINITY): void {
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    check(Number.isInteger(label) && label >= 0 && label < classes, 'bad-data', () => {
      const range = classes === Number.POSITIVE_INFINITY ? '0, 1, 2 …' : `from 0 to ${classes - 1}`;
      return `The label of sample ${i} is ${describe(label)}, not a class ${range}.`;
    });
  }
}

function checkScores(
  what: string,
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
): void {
  checkArgument(`the scores of ${what}`, scores, NUMBERS);
  checkArgument(`the labels of ${what}`, labels, NUMBERS);
  checkArgument(`the number of classes of ${what}`, classes, CLASSES);
  check(scores.length === labels.length * classes, 'shape-mismatch', () => {
    return `${counted(scores.length, 'score')}, but ${counted(labels.length, 'label')} of ${classes} classes: give ${classes} scores per sample.`;
  });
  checkClasses(labels, classes);
}
