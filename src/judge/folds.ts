/**
 * @file What several trainings come to: the folds of a cross-validation, or seeds.
 */

import { checkArgument, listOf, NUMBER, OBJECT } from '../arguments.ts';

/** A figure over several trainings. */
export interface FoldMean {
  /** The mean of the values. */
  readonly mean: number;
  /** Their standard deviation, by n − 1; NaN for one alone. */
  readonly deviation: number;
  /** The values, in the order of the trainings. */
  readonly values: readonly number[];
}

const FOLDS = listOf(OBJECT, 'an array of objects of numbers, one per training');
const VALUES = listOf(NUMBER, 'a number in each of the trainings');

/**
 * The mean and the deviation of each figure: `meanOverFolds([{ auc: 0.97 }, { auc: 0.99 }]).auc.mean` is 0.98. A figure that is NaN
 * in one of them is NaN; without trainings there is none. Throws 'invalid-argument', naming it, where a figure is missing in one of them.
 */
export function meanOverFolds<Name extends string>(
  folds: readonly Readonly<Record<Name, number>>[],
): Readonly<Record<Name, FoldMean>> {
  checkArgument('the folds of meanOverFolds', folds, FOLDS);
  const names = [...new Set(folds.flatMap((fold) => Object.keys(fold) as Name[]))];
  return Object.fromEntries(
    names.map((name): [string, FoldMean] => {
      const values: number[] = folds.map((fold) => fold[name]);
      checkArgument(`${name} of meanOverFolds`, values, VALUES);
      const mean = values.reduce((a, b) => a + b, 0) / values.length;
      const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
      return [name, { mean, deviation: Math.sqrt(squares / (values.length - 1)), values }];
    }),
  ) as Readonly<Record<Name, FoldMean>>;
}
