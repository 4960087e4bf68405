/**
 * @file Picks the kernels of a convolution.
 */

import { type Conv2dGeometry, groupsAreAligned } from '../../shape/conv2d.ts';
import type { KernelPlan } from '../kernel.ts';
import { conv2dBackwardInputPlan } from './backward-input.ts';
import { conv2dBackwardWeightPlans } from './backward-weight.ts';
import { conv2dForwardPlan } from './forward.ts';
import { groupedBackwardInputPlan, groupedBackwardWeightPlans, groupedForwardPlan } from './grouped.ts';
import type { BackwardWeightPlans } from './split.ts';

/** Forward. Buffers: x, weight, bias if there is one, y. */
export function selectForward(g: Conv2dGeometry, bias: boolean): KernelPlan {
  return groupsAreAligned(g) ? conv2dForwardPlan(g, bias) : groupedForwardPlan(g, bias);
}

/** Gradient by the input. Buffers: dy, weight, dx. */
export function selectBackwardInput(g: Conv2dGeometry): KernelPlan {
  return groupsAreAligned(g) ? conv2dBackwardInputPlan(g) : groupedBackwardInputPlan(g);
}

/** Gradient by the weight. */
export function selectBackwardWeight(g: Conv2dGeometry): BackwardWeightPlans {
  return groupsAreAligned(g) ? conv2dBackwardWeightPlans(g) : groupedBackwardWeightPlans(g);
}
