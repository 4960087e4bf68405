/**
 * @file The kernels of a convolution's three passes, by the library's own choice or those of one family.
 */

import type { Device } from '../src/device/device.ts';
import { conv2dBackwardInputPlan } from '../src/kernels/conv2d/backward-input.ts';
import { conv2dBackwardWeightPlans } from '../src/kernels/conv2d/backward-weight.ts';
import { biasEpilogue } from '../src/kernels/conv2d/epilogue.ts';
import { conv2dForwardPlan } from '../src/kernels/conv2d/forward.ts';
import {
  groupedBackwardInputPlan,
  groupedBackwardWeightPlans,
  groupedForwardPlan,
} from '../src/kernels/conv2d/grouped.ts';
import { selectBackwardInput, selectBackwardWeight, selectForward } from '../src/kernels/conv2d/select.ts';
import type { BackwardWeightPlans } from '../src/kernels/conv2d/split.ts';
import { subgroupTileFits } from '../src/kernels/conv2d/subgroup.ts';
import { subgroupBackwardInputPlan } from '../src/kernels/conv2d/subgroup-backward-input.ts';
import {
  subgroupBackwardWeightFits,
  subgroupBackwardWeightPlans,
} from '../src/kernels/conv2d/subgroup-backward-weight.ts';
import { subgroupForwardPlan } from '../src/kernels/conv2d/subgroup-forward.ts';
import type { KernelPlan, KernelTarget } from '../src/kernels/kernel.ts';
import { type Conv2dGeometry, groupsAreAligned } from '../src/shape/conv2d.ts';
import { empty } from '../src/tensor/create.ts';
import { run } from '../src/tensor/run.ts';
import type { Tensor } from '../src/tensor/tensor.ts';

/** The passes, by the names they have in results. */
export const PASSES = ['forward', 'backwardInput', 'backwardWeight'] as const;

export type Pass = (typeof PASSES)[number];

/** The families of kernels; `auto` is the library's own choice. */
export const FAMILIES = ['auto', 'plain', 'subgroup', 'grouped'] as const;

export type Family = (typeof FAMILIES)[number];

/** What makes the plans of one family. */
interface FamilyPlans {
  forward(g: Conv2dGeometry): KernelPlan;
  backwardInput(g: Conv2dGeometry): KernelPlan;
  backwardWeight(g: Conv2dGeometry): BackwardWeightPlans;
}

function plansOf(family: Family, target: KernelTarget): FamilyPlans {
  const { subgroupLanes: lanes } = target;
  return {
    auto: {
      forward: (g: Conv2dGeometry) => selectForward(g, biasEpilogue(false), target),
      backwardInput: (g: Conv2dGeometry) => selectBackwardInput(g, target),
      backwardWeight: (g: Conv2dGeometry) => selectBackwardWeight(g, target),
    },
    plain: {
      forward: (g: Conv2dGeometry) => conv2dForwardPlan(g, biasEpilogue(false)),
      backwardInput: conv2dBackwardInputPlan,
      backwardWeight: conv2dBackwardWeightPlans,
    },
    subgroup: {
      forward: (g: Conv2dGeometry) => subgroupForwardPlan(g, lanes, biasEpilogue(false)),
      backwardInput: (g: Conv2dGeometry) => subgroupBackwardInputPlan(g, lanes),
      backwardWeight: (g: Conv2dGeometry) => subgroupBackwardWeightPlans(g, lanes),
    },
    grouped: {
      forward: (g: Conv2dGeometry) => groupedForwardPlan(g, biasEpilogue(false)),
      backwardInput: groupedBackwardInputPlan,
      backwardWeight: groupedBackwardWeightPlans,
    },
  }[family];
}

/** Whether a family has a kernel for this. */
export function familyFits(family: Family, pass: Pass, g: Conv2dGeometry, target: KernelTarget): boolean {
  if (family === 'plain') return groupsAreAligned(g);
  if (family !== 'subgroup') return true;
  const fits = pass === 'backwardWeight' ? subgroupBackwardWeightFits : subgroupTileFits;
  return g.groups === 1 && subgroupTileFits(target.subgroupLanes) && fits(target.subgroupLanes);
}

/** The tensors of a convolution; each pass computes one of them out of the other two. */
export interface Operands {
  readonly x: Tensor;
  readonly weight: Tensor;
  readonly y: Tensor;
}

/** One pass, ready to be run any number of times. */
export interface PreparedPass {
  /** The name of the kernel. */
  readonly kernel: string;
  readonly run: () => void;
  readonly dispose: () => void;
}

/** A pass of the convolution `g`, its result written over the operand that it computes. */
export function preparePass(
  device: Device,
  family: Family,
  pass: Pass,
  g: Conv2dGeometry,
  { x, weight, y }: Operands,
): PreparedPass {
  const plans = plansOf(family, device.target);
  if (pass !== 'backwardWeight') {
    const plan = plans[pass](g);
    const operands = pass === 'forward' ? [x, weight, y] : [y, weight, x];
    return { kernel: plan.name, run: () => run(plan, ...operands), dispose: () => {} };
  }
  const { products, sum, scratchBytes } = plans.backwardWeight(g);
  if (!sum) return { kernel: products.name, run: () => run(products, x, y, weight), dispose: () => {} };
  const scratch = empty(device, [scratchBytes / Float32Array.BYTES_PER_ELEMENT]);
  return {
    kernel: `${products.name} + sum`,
    run: () => {
      run(products, x, y, scratch);
      run(sum, scratch, weight);
    },
    dispose: () => scratch.dispose(),
  };
}
