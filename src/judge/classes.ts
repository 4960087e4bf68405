/**
 * @file Figures of more than two classes.
 */

import { checkArgument, describe, listOf, NUMBERS, STRING } from '../arguments.ts';
import { check } from '../errors.ts';
import { auc } from './auc.ts';
import { confusionMatrix, macroAuc } from './class-metrics.ts';

/** How one class is told from all others. A share of nothing is NaN. */
export interface ClassFigures {
  /** The name of the class. */
  readonly name: string;
  /** Samples of the class. */
  readonly samples: number;
  /** Samples that are predicted as the class. */
  readonly predicted: number;
  /** The share of what is predicted as the class that is. */
  readonly precision: number;
  /** The share of the class that is predicted as such: sensitivity by another name. */
  readonly recall: number;
  /** The harmonic mean of the two: 2 TP / (samples + predicted). */
  readonly f1: number;
  /** The area under the ROC curve of the class's probability, the class against the rest. */
  readonly auc: number;
}

/** {@link classFigures}' result. */
export interface ClassesFigures {
  /** The share of samples whose class is the most probable one. */
  readonly accuracy: number;
  /**
   * Means over classes, each counting the same. A class for which precision, recall or F1 is not defined is left out of its mean;
   * `auc` is `macroAuc`'s, NaN where a class is missing.
   */
  readonly macro: Readonly<Record<'precision' | 'recall' | 'f1' | 'auc', number>>;
  /** By label. */
  readonly classes: readonly ClassFigures[];
  /** How often each prediction met each label: `confusion[label][prediction]`. */
  readonly confusion: readonly (readonly number[])[];
}

const NAMES = listOf(STRING, 'an array of names, one per class');

/**
 * What each class comes to. The predicted class is the most probable one, of several the first.
 *
 * Throws 'shape-mismatch' where the lists do not fit, 'bad-data' for a probability that is NaN or a label that is no class,
 * 'invalid-argument' unless there are two names at least.
 *
 * @param probabilities one per class and sample, row by row
 * @param labels the class of each sample, an index of `names`
 * @param names of the classes
 */
export function classFigures(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  names: readonly string[],
): ClassesFigures {
  checkRows(probabilities, names);
  const count = names.length;
  const confusion = confusionMatrix(probabilities, labels, count);
  const classes = names.map((name, k) => {
    const hits = confusion[k]![k]!;
    const samples = confusion[k]!.reduce((a, b) => a + b, 0);
    const predicted = confusion.reduce((sum, row) => sum + row[k]!, 0);
    const scores = Array.from(labels, (_, i) => probabilities[i * count + k]!);
    return {
      ...{ name, samples, predicted },
      precision: hits / predicted,
      recall: hits / samples,
      f1: (2 * hits) / (samples + predicted),
      auc: auc(
        scores,
        Array.from(labels, (label) => (label === k ? 1 : 0)),
      ),
    };
  });
  const macroOf = (figure: 'precision' | 'recall' | 'f1') => {
    const defined = classes.map((each) => each[figure]).filter((value) => !Number.isNaN(value));
    return defined.reduce((a, b) => a + b, 0) / defined.length;
  };
  return {
    accuracy: confusion.reduce((sum, row, k) => sum + row[k]!, 0) / labels.length,
    macro: {
      precision: macroOf('precision'),
      recall: macroOf('recall'),
      f1: macroOf('f1'),
      auc: macroAuc(probabilities, labels, count),
    },
    classes,
    confusion,
  };
}

function checkRows(probabilities: ArrayLike<number>, names: readonly string[]): void {
  checkArgument('the probabilities of classFigures', probabilities, NUMBERS);
  checkArgument('the names of classFigures', names, NAMES);
  check(names.length >= 2, 'invalid-argument', () => {
    return `classFigures needs the names of two classes at least, got ${names.length}.`;
  });
  for (let i = 0; i < probabilities.length; i++)
    check(probabilities[i]! >= 0 && probabilities[i]! <= 1, 'bad-data', () => {
      return `The probability ${i % names.length} of sample ${Math.floor(i / names.length)} is ${describe(probabilities[i])}: it must lie between 0 and 1.`;
    });
}
