/**
 * @file The accuracy of one logit per photograph, as the original computed it.
 */

import { noGrad } from '../autograd/graph.ts';
import { accuracy, add, multiply, sigmoid } from '../autograd/ops.ts';
import { tensor } from '../tensor/create.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** The share of hits of the arg-max over `[1 − p, p]`; equal scores are class 0. */
export function batchAccuracy(logits: Tensor, labels: Float32Array): Tensor {
  const { device } = logits;
  return noGrad(device, () => {
    const classes = tensor(device, Int32Array.from(labels));
    const [factors, offsets] = [tensor(device, [-1, 1], [1, 2]), tensor(device, [1, 0], [1, 2])];
    return accuracy(add(multiply(sigmoid(logits), factors), offsets), classes);
  });
}
