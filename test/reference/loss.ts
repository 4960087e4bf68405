/**
 * @file Elementwise sigmoid cross entropy with logits, in float64.
 *
 *     loss(x, z) = max(x, 0) − x·z + log(1 + exp(−|x|)),   dx = dloss·(sigmoid(x) − z)
 *
 * Elements whose label z is the ignore index have loss 0 and gradient 0. With `normalize`, losses and gradients
 * are divided by the number of the other elements (by 1 if there is none).
 *
 * Source: PaddlePaddle 1.8, operators/sigmoid_cross_entropy_with_logits_op.h.
 */

import { assertShape, map, type NdArray } from './array.ts';

/** Which elements count, and whether they are counted. */
export interface SigmoidCrossEntropyOptions {
  /** −100 unless told. */
  readonly ignoreIndex?: number;
  /** false unless told. */
  readonly normalize?: boolean;
  /** 1 unless told: (p − 1)·z·log(1 + e⁻ˣ) is added, as PyTorch's `pos_weight` does. */
  readonly positiveWeight?: number;
}

/** The loss of every element, in the shape that `logits` and `labels` share. */
export function sigmoidCrossEntropy(
  logits: NdArray,
  labels: NdArray,
  options: SigmoidCrossEntropyOptions = {},
): NdArray {
  assertShape(labels, logits.shape, 'labels');
  const scale = 1 / divisor(labels, options);
  return map(logits, (x, i) => {
    const z = labels.data[i]!;
    if (isIgnored(z, options)) return 0;
    const surplus = ((options.positiveWeight ?? 1) - 1) * z;
    const log = Math.log1p(Math.exp(-Math.abs(x)));
    return (Math.max(x, 0) - x * z + log + surplus * (Math.max(-x, 0) + log)) * scale;
  });
}

/** dL/dlogits, given dL/dloss. Labels have no gradient. */
export function sigmoidCrossEntropyBackward(
  logits: NdArray,
  labels: NdArray,
  lossGradient: NdArray,
  options: SigmoidCrossEntropyOptions = {},
): NdArray {
  assertShape(labels, logits.shape, 'labels');
  assertShape(lossGradient, logits.shape, 'loss gradient');
  const scale = 1 / divisor(labels, options);
  return map(logits, (x, i) => {
    const z = labels.data[i]!;
    if (isIgnored(z, options)) return 0;
    const surplus = ((options.positiveWeight ?? 1) - 1) * z;
    const slope = 1 / (1 + Math.exp(-x)) - z - surplus / (1 + Math.exp(x));
    return lossGradient.data[i]! * slope * scale;
  });
}

function isIgnored(label: number, { ignoreIndex = -100 }: SigmoidCrossEntropyOptions): boolean {
  return label === ignoreIndex;
}

function divisor(labels: NdArray, options: SigmoidCrossEntropyOptions): number {
  if (!options.normalize) return 1;
  return Math.max(labels.data.filter((label) => !isIgnored(label, options)).length, 1);
}
