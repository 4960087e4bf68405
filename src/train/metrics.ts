/**
 * @file Metrics of binary classification.
 *
 * All take probabilities of class 1 and labels 0 or 1, one per sample, in the same order; they throw a FoveaError
 * `shape-mismatch` where the two lists differ in length and `bad-data` for any other label, or a probability that is NaN or
 * outside [0, 1]. A metric that is not defined, such as a mean over no samples, is NaN.
 */

import {
  between,
  checkArgument,
  checkProperties,
  describe,
  NUMBER,
  type OptionRules,
  required,
  whole,
} from '../arguments.ts';
import { check } from '../errors.ts';
import { checkScores } from '../judge/scores.ts';

/** How often each prediction met each label. */
export interface Confusion {
  /** Samples of class 1 that are predicted as such. */
  readonly truePositives: number;
  /** Samples of class 0 that are predicted as class 1. */
  readonly falsePositives: number;
  /** Samples of class 0 that are predicted as such. */
  readonly trueNegatives: number;
  /** Samples of class 1 that are predicted as class 0. */
  readonly falseNegatives: number;
  /** The share of the positives that are found: TP / (TP + FN). */
  readonly sensitivity: number;
  /** The share of the negatives that are predicted as such: TN / (TN + FP). */
  readonly specificity: number;
}

const PROBABILITY = between(0, 1);

/**
 * The class that a probability stands for: 1 only if p > f32(1 − p), as the arg-max over [1 − p, p] in f32
 * has it, where ties go to class 0. Throws 'bad-data' for NaN or a number outside [0, 1].
 */
export function predictedClass(probability: number): 0 | 1 {
  check(PROBABILITY.holds(probability), 'bad-data', () => {
    return `a probability must lie between 0 and 1, got ${describe(probability)}.`;
  });
  const p = Math.fround(probability);
  return p > Math.fround(1 - p) ? 1 : 0;
}

/** The share of samples whose predicted class is their label. */
export function binaryAccuracy(probabilities: ArrayLike<number>, labels: ArrayLike<number>): number {
  const { truePositives, trueNegatives } = confusion(probabilities, labels);
  return (truePositives + trueNegatives) / labels.length;
}

/** Counts how often each prediction met each label. */
export function confusion(probabilities: ArrayLike<number>, labels: ArrayLike<number>): Confusion {
  checkScores('confusion', probabilities, labels);
  // counts[label][prediction]
  const counts: [[number, number], [number, number]] = [
    [0, 0],
    [0, 0],
  ];
  for (let i = 0; i < labels.length; i++) counts[labels[i] as 0 | 1][predictedClass(probabilities[i]!)]++;
  const [[trueNegatives, falsePositives], [falseNegatives, truePositives]] = counts;
  return {
    truePositives,
    falsePositives,
    trueNegatives,
    falseNegatives,
    sensitivity: truePositives / (truePositives + falseNegatives),
    specificity: trueNegatives / (trueNegatives + falsePositives),
  };
}

/** The sums behind a {@link BatchMean}: enough to continue it. */
export interface BatchMeanState {
  /** How many batches were added. */
  readonly batches: number;
  /** Samples of all of them. */
  readonly samples: number;
  /** The sum of the batches' values. */
  readonly sum: number;
  /** The sum of the batches' values, each times its samples. */
  readonly weightedSum: number;
}

const SIZE = whole(1);
const STATE: OptionRules<BatchMeanState> = {
  batches: required(whole(0)),
  samples: required(whole(0)),
  sum: required(NUMBER),
  weightedSum: required(NUMBER),
};

/** The running mean of a value that comes batch by batch, such as an epoch's loss. */
export class BatchMean {
  #batches: number;
  #samples: number;
  #sum: number;
  #weightedSum: number;

  /**
   * Throws 'invalid-argument' for a malformed state.
   *
   * @param state the sums to continue from; none by default
   */
  constructor(state: BatchMeanState = { batches: 0, samples: 0, sum: 0, weightedSum: 0 }) {
    checkProperties('the state of BatchMean', state, STATE);
    this.#batches = state.batches;
    this.#samples = state.samples;
    this.#sum = state.sum;
    this.#weightedSum = state.weightedSum;
  }

  /** The sums so far. */
  get state(): BatchMeanState {
    return {
      batches: this.#batches,
      samples: this.#samples,
      sum: this.#sum,
      weightedSum: this.#weightedSum,
    };
  }

  /** Adds the mean `value` of a batch of `size` samples. */
  add(value: number, size: number): void {
    checkArgument("the value of a batch's mean", value, NUMBER);
    checkArgument("the size of a batch's mean", size, SIZE);
    this.#batches++;
    this.#samples += size;
    this.#sum += value;
    this.#weightedSum += value * size;
  }

  /** The mean over batches, a short one counting as much as a full one. */
  get mean(): number {
    return this.#sum / this.#batches;
  }

  /** The mean over samples. */
  get weightedMean(): number {
    return this.#weightedSum / this.#samples;
  }
}
