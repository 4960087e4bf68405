/**
 * @file Losses of the difference between two tensors, element by element.
 */

import { atLeast, checkOptions, type OptionRules } from '../../arguments.ts';
import { IS_NAN } from '../../kernels/float-bits.ts';
import { checkTensor } from '../../tensor/check-tensor.ts';
import { moduleScope } from '../../tensor/scope.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { type ElementwiseOpDefinition, elementwiseOp } from '../elementwise-op.ts';
import { LOSS_REDUCTION, type LossReduction, reduceLosses } from './loss-reduction.ts';
import { checkFloat, checkShapeIs } from './operands.ts';

/** What becomes of the losses of the elements. */
export interface LossOptions {
  /** 'mean' by default. */
  readonly reduction?: LossReduction;
}

/** Where {@link smoothL1} turns from a parabola into a line. */
export interface SmoothL1Options extends LossOptions {
  /** 1 by default; with 0 it is {@link l1}. */
  readonly beta?: number;
}

const OPTIONS: OptionRules<LossOptions> = { reduction: LOSS_REDUCTION };
const SMOOTH_L1_OPTIONS: OptionRules<SmoothL1Options> = { ...OPTIONS, beta: /* @__PURE__ */ atLeast(0) };

/** The loss of each element x, whose target is z, by the names of the kernels. */
export const POINTWISE_LOSSES = {
  mse: {
    name: 'mse',
    inputs: ['x', 'z'],
    value: '(x - z) * (x - z)',
    derivatives: { x: '2.0 * (x - z)', z: '2.0 * (z - x)' },
  },
  smoothL1: {
    name: 'smoothL1',
    inputs: ['x', 'z'],
    parameters: ['beta'],
    value: 'select(abs(x - z) - 0.5 * beta, 0.5 * (x - z) * (x - z) / beta, abs(x - z) < beta)',
    derivatives: { x: 'smoothSign(x - z, beta)', z: 'smoothSign(z - x, beta)' },
    uses: [IS_NAN],
    functions: `
fn smoothSign(d: vec4f, beta: vec4f) -> vec4f {
  return select(select(sign(d), d / beta, abs(d) < beta), d, isNan(d));
}`,
  },
} as const satisfies Record<string, ElementwiseOpDefinition<'x' | 'z', 'beta'>>;

const mseOp = /* @__PURE__ */ elementwiseOp(POINTWISE_LOSSES.mse);
const smoothL1Op = /* @__PURE__ */ elementwiseOp(POINTWISE_LOSSES.smoothL1);

/** Checks the operands of the loss `name`, and reduces what `work` makes of them. */
function pointwiseLoss<O extends LossOptions>(
  name: string,
  [prediction, target]: readonly [Tensor, Tensor],
  options: O,
  rules: OptionRules<O>,
  work: () => Tensor,
): Tensor {
  checkTensor(name, 'the prediction', prediction);
  checkTensor(name, 'the target', target);
  checkOptions(name, options, rules);
  checkFloat(name, prediction, target);
  checkShapeIs(name, 'target', target, prediction.shape);
  return moduleScope(prediction.device, () => reduceLosses(work(), options.reduction));
}

/**
 * The squared error `(prediction − target)²` of two tensors of one shape, reduced. Both get gradients. Throws
 * 'shape-mismatch' where the shapes differ: nothing is broadcast.
 */
export function mse(prediction: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  return pointwiseLoss('mse', [prediction, target], options, OPTIONS, () =>
    mseOp({ x: prediction, z: target }, {}),
  );
}

/** The absolute error `|prediction − target|`, as {@link mse} has the squared one; its gradient at 0 is 0. */
export function l1(prediction: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  return pointwiseLoss('l1', [prediction, target], options, OPTIONS, () =>
    smoothL1Op({ x: prediction, z: target }, { beta: 0 }),
  );
}

/**
 * `d² / (2·beta)` where the error d is smaller than `beta`, else `|d| − beta / 2`; else as {@link mse}. R. Girshick, "Fast
 * R-CNN", 2015.
 */
export function smoothL1(prediction: Tensor, target: Tensor, options: SmoothL1Options = {}): Tensor {
  return pointwiseLoss('smoothL1', [prediction, target], options, SMOOTH_L1_OPTIONS, () =>
    smoothL1Op({ x: prediction, z: target }, { beta: options.beta ?? 1 }),
  );
}
