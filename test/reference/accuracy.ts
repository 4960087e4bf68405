/**
 * @file Top-1 accuracy: the share of rows whose largest score stands at the label; a tie goes to the lower class.
 */

import type { NdArray } from './array.ts';

/** The class of the largest score of each row of `[N, K]`; of equal scores, the first. */
export function topClass(scores: NdArray): number[] {
  const [rows, classes] = scores.shape as [number, number];
  return Array.from({ length: rows }, (_, n) => {
    let best = 0;
    for (let k = 1; k < classes; k++) {
      if (scores.data[n * classes + k]! > scores.data[n * classes + best]!) best = k;
    }
    return best;
  });
}

/** The share, in [0, 1], of rows of `[N, K]` whose top class is the label, `labels` having N elements. */
export function accuracy(scores: NdArray, labels: NdArray): number {
  const predicted = topClass(scores);
  return predicted.filter((k, n) => k === labels.data[n]).length / predicted.length;
}
