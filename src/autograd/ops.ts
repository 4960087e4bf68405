/**
 * @file All ops.
 */

export type { BatchNormParameters } from '../tensor/normalize.ts';
export {
  type EluOptions,
  elu,
  type GeluOptions,
  gelu,
  hardSigmoid,
  hardSwish,
  type LeakyReluOptions,
  leakyRelu,
  relu,
  sigmoid,
  silu,
  softplus,
  tanh,
} from './ops/activations.ts';
export { augmentImages } from './ops/augment-images.ts';
export { type BatchNormAttributes, batchNorm } from './ops/batch-norm.ts';
export { equal, greater, greaterEqual, less, lessEqual, notEqual, where } from './ops/comparisons.ts';
export { concat, stack } from './ops/concat.ts';
export { type ConvTranspose2dOptions, convTranspose2d } from './ops/conv-transpose2d.ts';
export { type Conv2dOpOptions, type ConvBatchNormOptions, conv2d, convBatchNorm } from './ops/conv2d.ts';
export { type DropoutAttributes, type DropPathAttributes, dropout, dropPath } from './ops/dropout.ts';
export { add, cast, divide, maximum, minimum, multiply, pow, subtract } from './ops/elementwise.ts';
export { abs, type ClampOptions, clamp, exp, log, neg, rsqrt, sqrt } from './ops/functions.ts';
export { gather } from './ops/gather.ts';
export { normalizeImages } from './ops/images.ts';
export { linear } from './ops/linear.ts';
export { accuracy, sigmoidCrossEntropyWithLogits } from './ops/loss.ts';
export { type CrossEntropyOptions, crossEntropy } from './ops/loss-cross-entropy.ts';
export { type DiceOptions, dice } from './ops/loss-dice.ts';
export { type LossOptions, l1, mse, type SmoothL1Options, smoothL1 } from './ops/loss-pointwise.ts';
export type { LossReduction } from './ops/loss-reduction.ts';
export { matmul } from './ops/matmul.ts';
export {
  type GroupNormAttributes,
  groupNorm,
  type LayerNormAttributes,
  layerNorm,
  type NormOptions,
} from './ops/norm.ts';
export { type PadOptions, type PadWidths, pad } from './ops/pad.ts';
export { type AvgPool2dAttributes, avgPool2d, maxPool2d } from './ops/pool2d.ts';
export {
  type ArgMaxOptions,
  argMax,
  logSumExp,
  max,
  mean,
  min,
  type ReduceOptions,
  sum,
  type VarianceOptions,
  variance,
} from './ops/reduce.ts';
export { adaptiveAvgPool2d, upsample } from './ops/resample.ts';
export { flatten, permute, reshape, toLayout } from './ops/shape.ts';
export { slice } from './ops/slice.ts';
export { logSoftmax, type SoftmaxOptions, softmax } from './ops/softmax.ts';
