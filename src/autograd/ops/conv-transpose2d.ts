/**
 * @file Two-dimensional transposed convolution, by the kernels of the convolution.
 *
 * With a convolution K of the same weight: the value is K's gradient with respect to its input, given x for that of its output.
 * The gradient with respect to x is K of dy, that with respect to the weight is K's, x and dy having changed places.
 */

import type { OptionRules } from '../../arguments.ts';
import { checkOptions } from '../../arguments.ts';
import {
  CONV_TRANSPOSE2D_OPTIONS,
  type ConvTranspose2dAttributes,
  convTranspose2dGeometry,
} from '../../shape/conv-transpose2d.ts';
import {
  type Conv2dGeometry,
  conv2dInputShape,
  conv2dOutputShape,
  conv2dWeightShape,
} from '../../shape/conv2d.ts';
import { checkTensor, TENSOR } from '../../tensor/check-tensor.ts';
import { convolve, convolveBackwardInput, convolveBackwardWeight } from '../../tensor/convolve.ts';
import { empty } from '../../tensor/create.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp } from '../define-op.ts';
import { add } from './elementwise.ts';
import { checkFloat, checkShapeIs } from './operands.ts';
import { reshape, toLayout } from './shape.ts';

const convTranspose2dOp = /* @__PURE__ */ defineOp<Conv2dGeometry, { x: Tensor; weight: Tensor }>({
  name: 'convTranspose2d',
  forward: ([x, weight], g) => {
    const y = empty(x!.device, conv2dInputShape(g));
    convolveBackwardInput(g, x!, weight!, y);
    return { output: y, saved: { x: x!, weight: weight! } };
  },
  backward: (dy, { saved: { x, weight }, needs, into }, g) => {
    const dx = needs[0] ? empty(dy.device, conv2dOutputShape(g)) : undefined;
    if (dx) convolve(g, dy, weight, dx);
    const dw = needs[1]
      ? (into[1] ?? empty(dy.device, conv2dWeightShape(g), { layout: 'filter' }))
      : undefined;
    if (dw) convolveBackwardWeight(g, dy, x, dw);
    return [dx, dw];
  },
});

/** What {@link convTranspose2d} takes beside its tensors. */
export type ConvTranspose2dOptions = ConvTranspose2dAttributes & {
  /** Added to each channel of the result, `[out]`; nothing by default. */
  readonly bias?: Tensor | undefined;
};

const OPTIONS: OptionRules<ConvTranspose2dOptions> = { ...CONV_TRANSPOSE2D_OPTIONS, bias: TENSOR };

/**
 * The transposed convolution of `x` `[N, C, H, W]` with `weight` `[C, out / groups, kh, kw]`, as PyTorch has it, plus `bias` `[out]`
 * if given; result `[N, out, H', W']`, where `H' = (H − 1) · stride − top − bottom + dilation · (kh − 1) + outputPadding + 1`. Each
 * pixel of x lays the window, times its value, over the result. Throws 'shape-mismatch' where they do not fit,
 * 'invalid-argument' where outputPadding is neither less than the stride nor than the dilation.
 */
export function convTranspose2d(x: Tensor, weight: Tensor, options: ConvTranspose2dOptions = {}): Tensor {
  checkTensor('convTranspose2d', 'x', x);
  checkTensor('convTranspose2d', 'the weight', weight);
  checkOptions('convTranspose2d', options, OPTIONS);
  const { bias } = options;
  const g = convTranspose2dGeometry(x.shape, weight.shape, options);
  checkFloat('convTranspose2d', x, weight, ...(bias ? [bias] : []));
  if (bias) checkShapeIs('convTranspose2d', 'bias', bias, [g.inChannels]);
  const y = convTranspose2dOp([toLayout(x, 'channels-last'), toLayout(weight, 'filter')], g);
  return bias ? add(y, reshape(bias, [g.inChannels, 1, 1])) : y;
}
