/**
 * @file The accuracy of one logit per photograph, as the original computed it.
 */

import { noGrad } from '../autograd/graph.ts';
import { accuracy, add, concat, multiply, sigmoid } from '../autograd/ops.ts';
import { tensor } from '../tensor/create.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** The share of hits of the arg-max over `[1 − p, p]`; equal scores are class 0. */
export function batchAccuracy(logits: Tensor, labels: Float32Array): Tensor {
  return noGrad(logits.device, () => {
    const positive = sigmoid(logits);
    const negative = add(multiply(positive, -1), 1);
    const classes = tensor(logits.device, Int32Array.from(labels));
    return accuracy(concat([negative, positive], 1), classes);
  });
}
