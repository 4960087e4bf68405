/**
 * @file What losses make of the loss of each element.
 */

import { oneOf } from '../../arguments.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { mean, sum } from './reduce.ts';

/** The mean or the sum of all losses, a tensor of shape `[1]`, or with 'none' each for itself. */
export type LossReduction = 'mean' | 'sum' | 'none';

/** A {@link LossReduction}. */
export const LOSS_REDUCTION = /* @__PURE__ */ oneOf('mean', 'sum', 'none');

/** `losses`, reduced. */
export function reduceLosses(losses: Tensor, reduction: LossReduction = 'mean'): Tensor {
  if (reduction === 'none') return losses;
  return reduction === 'sum' ? sum(losses) : mean(losses);
}
