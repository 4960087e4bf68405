/**
 * @file Softmax and its logarithm.
 */

import { checkOptions, type OptionRules, whole } from '../../arguments.ts';
import type { Operand } from '../../kernels/padding.ts';
import type { KernelPlan } from '../../kernels/plan.ts';
import { type SoftmaxOp, softmaxBackwardPlan, softmaxPlan } from '../../kernels/softmax.ts';
import { normalizeAxis } from '../../shape/shape.ts';
import { checkTensor } from '../../tensor/check-tensor.ts';
import { empty } from '../../tensor/create.ts';
import { type Operands, run, runOverBatch } from '../../tensor/run.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp } from '../define-op.ts';
import { checkFloat } from './operands.ts';

/** Along which axis. */
export interface SoftmaxOptions {
  /** The last one, −1, by default; `{ axis: 1 }` for the channels of images. */
  readonly axis?: number;
}

/** The rules of {@link SoftmaxOptions}. */
export const SOFTMAX_OPTIONS: OptionRules<SoftmaxOptions> = { axis: whole(Number.NEGATIVE_INFINITY) };

/** Runs a plan of tensors alike, along `axis`: in parts over the batch where that is not the axis itself. */
function runAlong<B>(
  axis: number,
  { shape, layout }: Tensor,
  makePlan: (operand: Operand) => KernelPlan<B>,
  tensors: Operands<B>,
): void {
  if (axis === 0 || layout === 'filter') run(makePlan({ shape, layout }), tensors);
  else
    runOverBatch(
      shape[0]!,
      ({ images }) => makePlan({ shape: [images, ...shape.slice(1)], layout }),
      tensors,
    );
}

const softmaxOp = (name: SoftmaxOp) =>
  defineOp<number, { y: Tensor }>({
    name,
    forward: ([x], axis) => {
      const y = empty(x!.device, x!.shape, { layout: x!.layout });
      runAlong(axis, y, (operand) => softmaxPlan(name, operand, axis), { x: x!, y });
      return { output: y, saved: { y } };
    },
    backward: (dy, { saved: { y } }, axis) => {
      const dx = empty(y.device, y.shape, { layout: y.layout });
      runAlong(axis, y, (operand) => softmaxBackwardPlan(name, operand, axis), { y, dy, dx });
      return [dx];
    },
  });

const OPS = {
  softmax: /* @__PURE__ */ softmaxOp('softmax'),
  logSoftmax: /* @__PURE__ */ softmaxOp('logSoftmax'),
};

function along(name: SoftmaxOp, x: Tensor, options: SoftmaxOptions): Tensor {
  checkTensor(name, 'x', x);
  checkOptions(name, options, SOFTMAX_OPTIONS);
  checkFloat(name, x);
  return OPS[name]([x], normalizeAxis(options.axis ?? -1, x.shape.length));
}

/**
 * `eˣ / Σ eˣ`, the sum being along `axis`, the last one by default. The maximum is taken out before, so that nothing
 * overflows; where that is infinite or NaN, all along the axis is NaN, as in PyTorch.
 */
export function softmax(x: Tensor, options: SoftmaxOptions = {}): Tensor {
  return along('softmax', x, options);
}

/** `x − log Σ eˣ`, the logarithm of {@link softmax} without its loss of small results. */
export function logSoftmax(x: Tensor, options: SoftmaxOptions = {}): Tensor {
  return along('logSoftmax', x, options);
}
