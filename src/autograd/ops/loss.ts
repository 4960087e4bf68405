/**
 * @file The loss of binary classification, and accuracy.
 */

import { atLeast, BOOLEAN, checkOptions, FINITE, type OptionRules } from '../../arguments.ts';
import { check } from '../../errors.ts';
import { accuracySequence } from '../../kernels/accuracy.ts';
import {
  labelCountSequence,
  type SigmoidCrossEntropyOptions,
  sigmoidCrossEntropyBackwardPlan,
  sigmoidCrossEntropyPlan,
} from '../../kernels/loss.ts';
import { formatShape } from '../../shape/shape.ts';
import { checkOneDevice, checkTensor } from '../../tensor/check-tensor.ts';
import { empty } from '../../tensor/create.ts';
import { run, runSequence } from '../../tensor/run.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp } from '../define-op.ts';
import { checkFloat, checkShapeIs } from './operands.ts';
import { toLayout } from './shape.ts';

interface Saved extends Readonly<Record<string, unknown>> {
  readonly x: Tensor;
  readonly count: Tensor | undefined;
}

const lossOp = defineOp<
  { labels: Tensor; options: SigmoidCrossEntropyOptions },
  Saved & { readonly labels: Tensor }
>({
  name: 'sigmoidCrossEntropyWithLogits',
  forward: ([x], { labels, options }) => {
    const count = options.normalize ? empty(x!.device, [1]) : undefined;
    if (count) runSequence(labelCountSequence(labels, options), { z: labels, count });
    const loss = empty(x!.device, x!.shape, { layout: x!.layout });
    run(sigmoidCrossEntropyPlan(x!, options), { x: x!, z: labels, counted: count, result: loss });
    return { output: loss, saved: { x: x!, labels, count } };
  },
  backward: (dloss, { saved: { x, labels, count } }, { options }) => {
    const dx = empty(x.device, x.shape, { layout: x.layout });
    const tensors = { x, z: labels, dy: dloss, counted: count, result: dx };
    run(sigmoidCrossEntropyBackwardPlan(x, options), tensors);
    return [dx];
  },
});

const OPTIONS: OptionRules<SigmoidCrossEntropyOptions> = {
  ignoreIndex: FINITE,
  normalize: BOOLEAN,
  positiveWeight: atLeast(0),
};

/**
 * `max(x, 0) − x·z + log(1 + e^−|x|)` of every logit x and its label z, both of one shape. Elements whose label is
 * `ignoreIndex` (−100 by default) count 0; with `normalize` all are divided by the number of the others. With
 * `positiveWeight` p, `(p − 1)·z·log(1 + e⁻ˣ)` is added, as PyTorch's `pos_weight` does. The labels
 * get no gradient; they should lie in [0, 1], which is not checked, since they are on the device. Throws 'shape-mismatch'
 * where the shapes differ.
 */
export function sigmoidCrossEntropyWithLogits(
  x: Tensor,
  labels: Tensor,
  options: SigmoidCrossEntropyOptions = {},
): Tensor {
  checkTensor('sigmoidCrossEntropyWithLogits', 'x', x);
  checkTensor('sigmoidCrossEntropyWithLogits', 'the labels', labels);
  checkOptions('sigmoidCrossEntropyWithLogits', options, OPTIONS);
  checkFloat('sigmoidCrossEntropyWithLogits', x, labels);
  checkShapeIs('sigmoidCrossEntropyWithLogits', 'labels', labels, x.shape);
  return lossOp([x], { labels: toLayout(labels, x.layout), options });
}

/**
 * The share of rows of `scores` `[N, K]` whose greatest score stands at the label, `labels` being `[N]` or `[N, 1]`
 * of type i32; of equal scores the first counts. A tensor of shape `[1]`, without gradient.
 */
export function accuracy(scores: Tensor, labels: Tensor<'i32'>): Tensor {
  checkTensor('accuracy', 'the scores', scores);
  checkTensor('accuracy', 'the labels', labels);
  checkFloat('accuracy', scores);
  const [rows, classes] = scores.shape as [number, number];
  check(
    scores.shape.length === 2 && labels.size === rows && labels.shape[0] === rows,
    'shape-mismatch',
    () =>
      `accuracy takes scores [N, K] and labels [N], got ${formatShape(scores.shape)} and ${formatShape(labels.shape)}`,
  );
  check(
    labels.dtype === 'i32',
    'dtype-mismatch',
    () => `accuracy takes labels of type i32, got ${labels.dtype}: cast() them`,
  );
  checkOneDevice('accuracy', [scores, labels]);
  const share = empty(scores.device, [1]);
  runSequence(accuracySequence(rows, classes, 1 / rows), { scores, labels, share });
  return share;
}
