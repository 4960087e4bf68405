/**
 * @file Two-dimensional convolution.
 */

import { BOOLEAN, checkOptions, type OptionRules } from '../../arguments.ts';
import { sumSequence } from '../../kernels/reduce.ts';
import {
  CONV2D_OPTIONS,
  type Conv2dAttributes,
  type Conv2dGeometry,
  conv2dGeometry,
  conv2dInputShape,
  conv2dOutputShape,
  conv2dWeightShape,
} from '../../shape/conv2d.ts';
import { checkTensor, TENSOR } from '../../tensor/check-tensor.ts';
import { convolve, convolveBackwardInput, convolveBackwardWeight } from '../../tensor/convolve.ts';
import { empty } from '../../tensor/create.ts';
import {
  BATCH_NORM_PARAMETERS,
  type BatchNormParameters,
  runningStatistics,
} from '../../tensor/normalize.ts';
import { runSequence } from '../../tensor/run.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp } from '../define-op.ts';
import { BATCH_NORM_OPTIONS } from './batch-norm.ts';
import { checkFloat, checkShapeIs, checkVectors } from './operands.ts';
import { toLayout } from './shape.ts';

/** The gradient with respect to the weight, into `into` if given. */
function backwardWeight(g: Conv2dGeometry, x: Tensor, dy: Tensor, into: Tensor | undefined): Tensor {
  const dw = into ?? empty(x.device, conv2dWeightShape(g), { layout: 'filter' });
  convolveBackwardWeight(g, x, dy, dw);
  return dw;
}

/** The gradient with respect to the bias: the sum over all pixels. */
function backwardBias(dy: Tensor, channels: number, into: Tensor | undefined): Tensor {
  const db = into ?? empty(dy.device, [channels]);
  const column = { shape: [1, channels, 1, 1], layout: 'row-major' } as const;
  runSequence(sumSequence(dy, column), { x: dy, y: db });
  return db;
}

const conv2dOp = defineOp<Conv2dGeometry, { x: Tensor; weight: Tensor }>({
  name: 'conv2d',
  forward: ([x, weight, bias], g) => {
    const y = empty(x!.device, conv2dOutputShape(g));
    convolve(g, x!, weight!, y, { bias });
    return { output: y, saved: { x: x!, weight: weight! } };
  },
  backward: (dy, { saved: { x, weight }, needs, into }, g) => {
    const dx = needs[0] ? empty(dy.device, conv2dInputShape(g)) : undefined;
    if (dx) convolveBackwardInput(g, dy, weight, dx);
    return [
      dx,
      needs[1] ? backwardWeight(g, x, dy, into[1]) : undefined,
      needs[2] ? backwardBias(dy, g.outChannels, into[2]) : undefined,
    ];
  },
});

/** What {@link convBatchNorm} takes beside its tensors. */
export interface ConvBatchNormOptions extends Conv2dAttributes {
  /** See `BatchNormAttributes`; 1e-5 by default. */
  readonly epsilon?: number | undefined;
  /** Whether ReLU is applied in the end, false by default. */
  readonly relu?: boolean | undefined;
  /** Added before that, `[N, out, H', W']`; nothing by default. */
  readonly residual?: Tensor | undefined;
}

const CONV_BATCH_NORM_OPTIONS: OptionRules<ConvBatchNormOptions> = {
  ...CONV2D_OPTIONS,
  epsilon: BATCH_NORM_OPTIONS.epsilon,
  relu: BOOLEAN,
  residual: TENSOR,
};

/**
 * A convolution and the batch norm after it, by running statistics, in one pass over the map: what `conv2d` and
 * `batchNorm` with `training: false` give one after the other. Without gradient: for evaluation.
 */
export function convBatchNorm(
  x: Tensor,
  weight: Tensor,
  norm: BatchNormParameters,
  options: ConvBatchNormOptions = {},
): Tensor {
  checkTensor('convBatchNorm', 'x', x);
  checkTensor('convBatchNorm', 'the weight', weight);
  checkOptions('convBatchNorm', norm, BATCH_NORM_PARAMETERS);
  checkOptions('convBatchNorm', options, CONV_BATCH_NORM_OPTIONS);
  const { epsilon = 1e-5, relu = false, residual } = options;
  const g = conv2dGeometry(x.shape, weight.shape, options);
  checkFloat('convBatchNorm', x, weight, ...Object.values(norm), ...(residual ? [residual] : []));
  checkVectors('convBatchNorm', { ...norm }, g.outChannels);
  if (residual) checkShapeIs('convBatchNorm', 'residual', residual, conv2dOutputShape(g));
  const statistics = runningStatistics(norm, epsilon);
  const y = empty(x.device, conv2dOutputShape(g));
  convolve(
    g,
    toLayout(x, 'channels-last'),
    toLayout(weight, 'filter'),
    y,
    { statistics, residual: residual && toLayout(residual, 'channels-last') },
    relu,
  );
  statistics.dispose();
  return y;
}

/** What {@link conv2d} takes beside its tensors. */
export type Conv2dOpOptions = Conv2dAttributes & {
  /** Added to each channel of the result, `[out]`; nothing by default. */
  readonly bias?: Tensor | undefined;
};

const CONV2D_OP_OPTIONS: OptionRules<Conv2dOpOptions> = { ...CONV2D_OPTIONS, bias: TENSOR };

/**
 * The convolution (cross-correlation) of `x` `[N, C, H, W]` with `weight` `[out, C / groups, kh, kw]`, plus `bias`
 * `[out]` if given; result `[N, out, H', W']`. Throws 'shape-mismatch' where they do not fit.
 */
export function conv2d(x: Tensor, weight: Tensor, options: Conv2dOpOptions = {}): Tensor {
  checkTensor('conv2d', 'x', x);
  checkTensor('conv2d', 'the weight', weight);
  checkOptions('conv2d', options, CONV2D_OP_OPTIONS);
  const { bias } = options;
  const g = conv2dGeometry(x.shape, weight.shape, options);
  checkFloat('conv2d', x, weight, ...(bias ? [bias] : []));
  if (bias) checkShapeIs('conv2d', 'bias', bias, [g.outChannels]);
  const inputs = [toLayout(x, 'channels-last'), toLayout(weight, 'filter')];
  return conv2dOp(bias ? [...inputs, bias] : inputs, g);
}
