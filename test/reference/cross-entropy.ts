/**
 * @file Cross entropy in float64: of logits `[N, C, …]` and class indexes `[N, …]` or probabilities `[N, C, …]`.
 *
 *     loss = Σ_c q_c · −log softmax(x)_c,   q_c = w_c · ((1 − ε) · t_c + ε / C)
 *
 * and of the mean over indexes: Σ loss / Σ w_target, over all that is not ignored.
 */

import { fromArray, map, type NdArray, reshape, zeros } from './array.ts';
import { reducedShape, sum } from './reduce.ts';
import { logSoftmax, logSoftmaxBackward } from './softmax.ts';

/** How it weighs, leaves out, smoothes and reduces. */
export interface CrossEntropyOptions {
  readonly classWeights?: NdArray;
  readonly ignoreIndex?: number;
  readonly labelSmoothing?: number;
  readonly reduction?: 'mean' | 'sum' | 'none';
}

/** For each class and place q, and for each place what it counts in a mean. */
function shares(x: NdArray, target: NdArray, options: CrossEntropyOptions): { q: NdArray; counts: NdArray } {
  const { classWeights, ignoreIndex = -100, labelSmoothing = 0 } = options;
  const [, classes] = x.shape as [number, number];
  const places = x.shape.slice(2).reduce((size, extent) => size * extent, 1);
  const weight = (c: number) => classWeights?.data[c] ?? 1;
  const indexed = target.shape.length < x.shape.length;
  const labelAt = (i: number) => {
    const batch = Math.floor(i / (classes * places));
    return target.data[batch * places + (i % places)]!;
  };
  const q = map(zeros(x.shape), (_, i) => {
    const c = Math.floor(i / places) % classes;
    if (indexed && labelAt(i) === ignoreIndex) return 0;
    if (indexed && !(labelAt(i) >= 0 && labelAt(i) < classes)) return Number.NaN;
    const t = indexed ? Number(labelAt(i) === c) : target.data[i]!;
    return weight(c) * ((1 - labelSmoothing) * t + labelSmoothing / classes);
  });
  const rows = reducedShape(x.shape, { axes: [1] });
  const counts = indexed
    ? map(target, (label) => (label === ignoreIndex ? 0 : weight(label)))
    : map(zeros(rows), () => 1);
  return { q, counts: reshape(counts, rows) };
}

const total = ({ data }: NdArray) => data.reduce((all, value) => all + value, 0);

export function crossEntropy(x: NdArray, target: NdArray, options: CrossEntropyOptions = {}): NdArray {
  const { reduction = 'mean' } = options;
  const { q, counts } = shares(x, target, options);
  const log = logSoftmax(x, 1);
  const losses = sum(
    map(q, (share, i) => (share === 0 ? 0 : -share * log.data[i]!)),
    { axes: [1] },
  );
  if (reduction === 'none') return losses;
  return fromArray([1], [total(losses) / (reduction === 'sum' ? 1 : total(counts))]);
}

/** dL/dx, given the gradient of the loss. */
export function crossEntropyBackward(
  x: NdArray,
  target: NdArray,
  dy: NdArray,
  options: CrossEntropyOptions = {},
): NdArray {
  const { reduction = 'mean' } = options;
  const { q, counts } = shares(x, target, options);
  const places = x.shape.slice(2).reduce((size, extent) => size * extent, 1);
  const row = (i: number) => Math.floor(i / (x.shape[1]! * places)) * places + (i % places);
  const divisor = reduction === 'mean' ? total(counts) : 1;
  const slope = (i: number) => (reduction === 'none' ? dy.data[row(i)]! : dy.data[0]! / divisor);
  return logSoftmaxBackward(
    x,
    map(q, (share, i) => (share === 0 ? 0 : -share * slope(i))),
    1,
  );
}
