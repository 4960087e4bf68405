/**
 * @file The area under the ROC curve, and how far it can be trusted.
 */

import { between, checkOptions, type OptionRules, SEED, whole } from '../arguments.ts';
import { Random } from '../random.ts';
import { checkOrdered, checkScores, scoreSteps } from './scores.ts';

/**
 * The area under the ROC curve: the chance that a positive sample has a higher score than a negative one,
 * where equal scores count one half (Mann and Whitney's U over the number of pairs). NaN where a class is missing or a score is NaN.
 * Throws 'shape-mismatch' where the lists differ in length, 'bad-data' for a label that is not 0 or 1.
 *
 * @param scores probabilities, or anything that rises with them, such as logits
 */
export function auc(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  checkScores('auc', scores, labels);
  for (let i = 0; i < scores.length; i++) if (Number.isNaN(scores[i]!)) return Number.NaN;
  const steps = scoreSteps(scores, labels);
  return areaOf(
    steps.map(({ positives }) => positives),
    steps.map(({ negatives }) => negatives),
  );
}

/** Samples of each class by step of the score, highest first. */
function areaOf(positives: ArrayLike<number>, negatives: ArrayLike<number>): number {
  let above = 0;
  let below = 0;
  let pairs = 0;
  for (let step = 0; step < positives.length; step++) {
    pairs += negatives[step]! * (above + positives[step]! / 2);
    above += positives[step]!;
    below += negatives[step]!;
  }
  return pairs / (above * below);
}

/** How {@link aucInterval} goes about it. */
export interface IntervalOptions {
  /** How likely the interval is to hold the true value, 0.95 by default. */
  readonly confidence?: number | undefined;
  /** How many times the samples are drawn anew, 2000 by default. */
  readonly replicates?: number | undefined;
  /** 32-bit seed of the draws, 1 by default. */
  readonly seed?: number | undefined;
}

/** A figure with an interval around it. */
export interface Interval {
  /** The figure of the samples as they are. */
  readonly value: number;
  /** The lower end. */
  readonly low: number;
  /** The upper end. */
  readonly high: number;
  /** How likely such an interval is to hold the true value. */
  readonly confidence: number;
}

/** What {@link IntervalOptions} must be. */
export const INTERVAL_OPTIONS: OptionRules<IntervalOptions> = {
  confidence: between(0.5, 0.9999),
  replicates: whole(1, 1e6),
  seed: SEED,
};

/**
 * The area under the ROC curve with its bootstrap interval: positives and negatives are drawn anew with replacement, each as many
 * as there are (a stratified bootstrap), and the interval lies between the percentiles of the areas (B. Efron, R. Tibshirani, "An
 * Introduction to the Bootstrap", 1993, 13.3). The same seed gives the same interval. Where the classes are separated without a
 * single error, every replicate is too, and the interval is a point: it says nothing then. NaN where a class is missing.
 *
 * Throws as {@link auc}, 'bad-data' for a score that is NaN, 'invalid-argument' for other options.
 */
export function aucInterval(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  options: IntervalOptions = {},
): Interval {
  checkOrdered('aucInterval', scores, labels);
  checkOptions('aucInterval', options, INTERVAL_OPTIONS);
  const { confidence = 0.95, replicates = 2000, seed = 1 } = options;
  const value = auc(scores, labels);
  if (Number.isNaN(value)) return { value, low: Number.NaN, high: Number.NaN, confidence };
  const steps = scoreSteps(scores, labels);
  const positives = steps.flatMap((step, i) => Array.from({ length: step.positives }, () => i));
  const negatives = steps.flatMap((step, i) => Array.from({ length: step.negatives }, () => i));
  const random = new Random(seed);
  const drawn = { positives: new Uint32Array(steps.length), negatives: new Uint32Array(steps.length) };
  const areas = Float64Array.from({ length: replicates }, () => {
    draw(random, positives, drawn.positives);
    draw(random, negatives, drawn.negatives);
    return areaOf(drawn.positives, drawn.negatives);
  }).sort();
  const outside = (1 - confidence) / 2;
  return { value, low: quantile(areas, outside), high: quantile(areas, 1 - outside), confidence };
}

/** Counts, by step, as many draws from `members` (each given by its step) as there are. */
function draw(random: Random, members: readonly number[], counts: Uint32Array): void {
  counts.fill(0);
  for (let i = 0; i < members.length; i++) counts[members[random.integer(members.length)]!]!++;
}

/** Between the two nearest of `sorted`, by a straight line, as NumPy has it. */
function quantile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const before = Math.floor(at);
  const next = sorted[Math.min(before + 1, sorted.length - 1)]!;
  return sorted[before]! + (at - before) * (next - sorted[before]!);
}
