/**
 * @file Batch normalization, with the residual add and the ReLU that may follow it, in float64.
 *
 *     y = relu(γ·x̂ + β + residual),   x̂ = (x − μ)·inv,   inv = 1/√(σ² + ε)
 *
 * Training takes μ and the biased σ² of each channel from the batch, over its m = N·H·W elements; evaluation
 * takes the running statistics. With p = γ·x̂ + β + residual and dp = dy where y > 0, else 0:
 *
 *     dβ = Σ dp,   dγ = Σ dp·x̂,   dresidual = dp
 *     training:    dx = γ·inv/m · (m·dp − Σ dp − x̂·Σ(dp·x̂))
 *     evaluation:  dx = γ·inv·dp
 *
 * A channel of a single element (m = 1) has nothing to be normalized by: training then has p = x + residual,
 * dx = dp and dγ = dβ = 0, and leaves the running statistics alone.
 *
 * Source: PaddlePaddle 1.8, operators/batch_norm_op.cc.
 */

import { assertShape, map, type NdArray, zeros } from './array.ts';

/** What is normalized, `[N, C, …]`, and what it is normalized with, each `[C]`. */
export interface BatchNormInputs {
  readonly x: NdArray;
  readonly gamma: NdArray;
  readonly beta: NdArray;
  readonly runningMean: NdArray;
  readonly runningVariance: NdArray;
  /** Added before the activation; of x's shape. */
  readonly residual?: NdArray | undefined;
}

/** How it is normalized. */
export interface BatchNormOptions {
  /** ε; 1e-5 unless told. */
  readonly epsilon?: number;
  /** The share of the old value that running statistics keep; 0.9 unless told. */
  readonly momentum?: number;
  /** Whether σ²·m/(m − 1) goes into the running variance, instead of σ². */
  readonly unbiased?: boolean;
  /** Whether ReLU follows. */
  readonly relu?: boolean;
}

/** The outcome of a forward pass in training: y like x, all else `[C]`. */
export interface BatchNormTrained {
  readonly y: NdArray;
  /** The batch's mean. */
  readonly mean: NdArray;
  /** The batch's biased variance. */
  readonly variance: NdArray;
  /** The running statistics after this batch. */
  readonly runningMean: NdArray;
  readonly runningVariance: NdArray;
}

/** dL by every input. Without a residual, `dresidual` is the gradient one would have had. */
export interface BatchNormGradients {
  readonly dx: NdArray;
  readonly dgamma: NdArray;
  readonly dbeta: NdArray;
  readonly dresidual: NdArray;
}

/** The forward pass in training; running = running·momentum + batch·(1 − momentum). */
export function batchNormTrain(inputs: BatchNormInputs, options: BatchNormOptions = {}): BatchNormTrained {
  const { momentum = 0.9, unbiased = false } = options;
  const { mean, variance, count } = batchStatistics(inputs.x);
  if (count === 1) {
    const y = addAndActivate(inputs.x, inputs.residual, options);
    const { runningMean, runningVariance } = inputs;
    return { y, mean, variance, runningMean, runningVariance };
  }

  const correction = unbiased ? count / (count - 1) : 1;
  const blend = (running: NdArray, batch: NdArray, scale: number) =>
    map(running, (value, c) => value * momentum + batch.data[c]! * scale * (1 - momentum));
  return {
    y: normalizeAndActivate(inputs, mean, variance, options),
    mean,
    variance,
    runningMean: blend(inputs.runningMean, mean, 1),
    runningVariance: blend(inputs.runningVariance, variance, correction),
  };
}

/** The forward pass in evaluation. */
export function batchNormEval(inputs: BatchNormInputs, options: BatchNormOptions = {}): NdArray {
  return normalizeAndActivate(inputs, inputs.runningMean, inputs.runningVariance, options);
}

/** The backward pass of {@link batchNormTrain}, given dL/dy. */
export function batchNormTrainBackward(
  inputs: BatchNormInputs,
  dy: NdArray,
  options: BatchNormOptions = {},
): BatchNormGradients {
  const { x, gamma } = inputs;
  const { mean, variance, count } = batchStatistics(x);
  const dp = activationBackward(batchNormTrain(inputs, options).y, dy, options);
  if (count === 1) {
    return { dx: dp, dgamma: zeros(gamma.shape), dbeta: zeros(gamma.shape), dresidual: dp };
  }

  const normalized = normalize(x, mean, variance, options);
  const { dgamma, dbeta } = parameterGradients(dp, normalized);
  const dx = map(x, (_, i) => {
    const c = channelOf(i, x.shape);
    const scale = (gamma.data[c]! * inverseDeviation(variance.data[c]!, options)) / count;
    return scale * (count * dp.data[i]! - dbeta.data[c]! - normalized.data[i]! * dgamma.data[c]!);
  });
  return { dx, dgamma, dbeta, dresidual: dp };
}

/** The backward pass of {@link batchNormEval}, given dL/dy. */
export function batchNormEvalBackward(
  inputs: BatchNormInputs,
  dy: NdArray,
  options: BatchNormOptions = {},
): BatchNormGradients {
  const { x, gamma, runningMean, runningVariance } = inputs;
  const dp = activationBackward(batchNormEval(inputs, options), dy, options);
  const dx = map(dp, (value, i) => {
    const c = channelOf(i, x.shape);
    return gamma.data[c]! * inverseDeviation(runningVariance.data[c]!, options) * value;
  });
  const normalized = normalize(x, runningMean, runningVariance, options);
  return { dx, ...parameterGradients(dp, normalized), dresidual: dp };
}

/** Mean and biased variance of each channel, in two passes, over `count` elements. */
function batchStatistics(x: NdArray): { mean: NdArray; variance: NdArray; count: number } {
  const channels = x.shape[1]!;
  const count = x.data.length / channels;
  const mean = zeros([channels]);
  x.data.forEach((value, i) => {
    mean.data[channelOf(i, x.shape)]! += value / count;
  });
  const variance = zeros([channels]);
  x.data.forEach((value, i) => {
    const c = channelOf(i, x.shape);
    variance.data[c]! += (value - mean.data[c]!) ** 2 / count;
  });
  return { mean, variance, count };
}

function normalizeAndActivate(
  { x, gamma, beta, residual }: BatchNormInputs,
  mean: NdArray,
  variance: NdArray,
  options: BatchNormOptions,
): NdArray {
  const affine = map(normalize(x, mean, variance, options), (value, i) => {
    const c = channelOf(i, x.shape);
    return gamma.data[c]! * value + beta.data[c]!;
  });
  return addAndActivate(affine, residual, options);
}

/** x̂ */
function normalize(x: NdArray, mean: NdArray, variance: NdArray, options: BatchNormOptions): NdArray {
  assertShape(mean, [x.shape[1]!], 'mean');
  assertShape(variance, [x.shape[1]!], 'variance');
  return map(x, (value, i) => {
    const c = channelOf(i, x.shape);
    return (value - mean.data[c]!) * inverseDeviation(variance.data[c]!, options);
  });
}

function addAndActivate(x: NdArray, residual: NdArray | undefined, options: BatchNormOptions): NdArray {
  if (residual) assertShape(residual, x.shape, 'residual');
  const sum = map(x, (value, i) => value + (residual ? residual.data[i]! : 0));
  return options.relu ? map(sum, (value) => Math.max(value, 0)) : sum;
}

/** dp; the gradient of ReLU at 0 is 0. */
function activationBackward(y: NdArray, dy: NdArray, options: BatchNormOptions): NdArray {
  assertShape(dy, y.shape, 'dy');
  return options.relu ? map(dy, (value, i) => (y.data[i]! > 0 ? value : 0)) : dy;
}

function parameterGradients(dp: NdArray, normalized: NdArray): { dgamma: NdArray; dbeta: NdArray } {
  const dgamma = zeros([dp.shape[1]!]);
  const dbeta = zeros([dp.shape[1]!]);
  dp.data.forEach((value, i) => {
    const c = channelOf(i, dp.shape);
    dgamma.data[c]! += value * normalized.data[i]!;
    dbeta.data[c]! += value;
  });
  return { dgamma, dbeta };
}

function inverseDeviation(variance: number, { epsilon = 1e-5 }: BatchNormOptions): number {
  return Math.sqrt(1 / (variance + epsilon));
}

/** The channel of the element at row-major `index` of `[N, C, …]`. */
function channelOf(index: number, shape: readonly number[]): number {
  const positions = shape.slice(2).reduce((product, extent) => product * extent, 1);
  return Math.floor(index / positions) % shape[1]!;
}
