/**
 * @file The soft Dice loss of segmentations.
 */

import { atLeast, checkOptions, type OptionRules } from '../../arguments.ts';
import { check } from '../../errors.ts';
import { formatShape } from '../../shape/shape.ts';
import { checkTensor } from '../../tensor/check-tensor.ts';
import { moduleScope } from '../../tensor/scope.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { elementwiseOp } from '../elementwise-op.ts';
import { add, multiply } from './elementwise.ts';
import type { LossOptions } from './loss-pointwise.ts';
import { LOSS_REDUCTION, reduceLosses } from './loss-reduction.ts';
import { checkFloat, checkShapeIs } from './operands.ts';
import { sum } from './reduce.ts';

/** How {@link dice} divides. */
export interface DiceOptions extends LossOptions {
  /** What is added to numerator and denominator, 1 by default: a class that is nowhere, and nowhere predicted, costs nothing. */
  readonly smooth?: number;
}

const OPTIONS: OptionRules<DiceOptions> = { smooth: /* @__PURE__ */ atLeast(0), reduction: LOSS_REDUCTION };

/** The loss of each map, by the sums of products and of all. */
export const DICE = {
  name: 'dice',
  inputs: ['overlap', 'total'],
  parameters: ['added'],
  value: '1.0 - (2.0 * overlap + added) / (total + added)',
  derivatives: {
    overlap: '-2.0 / (total + added)',
    total: '(2.0 * overlap + added) / ((total + added) * (total + added))',
  },
} as const;

const diceOp = /* @__PURE__ */ elementwiseOp(DICE);

/**
 * The soft Dice loss `1 − (2·Σ p·t + smooth) / (Σ p + Σ t + smooth)` of probabilities p and targets t, both `[N, C, …]`, such as
 * `[N, C, H, W]`: the sums are over the pixels of each sample and class, the losses are `[N, C]` and reduced, by default to
 * their mean. Take `sigmoid` or `softmax` of logits first. Both get gradients. Throws 'shape-mismatch' where the shapes
 * differ, or there are no pixels. F. Milletari et al., "V-Net", 2016, without its squares.
 */
export function dice(probabilities: Tensor, target: Tensor, options: DiceOptions = {}): Tensor {
  checkTensor('dice', 'the probabilities', probabilities);
  checkTensor('dice', 'the target', target);
  checkOptions('dice', options, OPTIONS);
  checkFloat('dice', probabilities, target);
  checkShapeIs('dice', 'target', target, probabilities.shape);
  const { shape } = probabilities;
  check(
    shape.length >= 3,
    'shape-mismatch',
    () => `dice takes probabilities [N, C, …] with axes of pixels, got ${formatShape(shape)}: reshape() them`,
  );
  const pixels = { axes: [...shape.keys()].slice(2) };
  return moduleScope(probabilities.device, () => {
    const overlap = sum(multiply(probabilities, target), pixels);
    const total = add(sum(probabilities, pixels), sum(target, pixels));
    return reduceLosses(diceOp({ overlap, total }, { added: options.smooth ?? 1 }), options.reduction);
  });
}
