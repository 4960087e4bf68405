/**
 * @file Batch normalization with its parameters and running statistics.
 */

import { checkOptions, type OptionRules, oneOf, required, whole } from '../arguments.ts';
import { BATCH_NORM_OPTIONS, batchNorm } from '../autograd/ops/batch-norm.ts';
import type { Device } from '../device/device.ts';
import { full, zeros } from '../tensor/create.ts';
import type { BatchNormParameters } from '../tensor/normalize.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Buffer } from './buffer.ts';
import { checkParameterShape } from './initializers.ts';
import { Module } from './module.ts';
import { Parameter } from './parameter.ts';

/** How a {@link BatchNorm} is made. */
export interface BatchNormOptions {
  /** C of the tensors `[N, C, H, W]` that it takes. */
  readonly channels: number;
  /** What is applied to the result, nothing by default. */
  readonly act?: 'relu';
  /** The share of the old running statistics in the new ones, 0.9 by default. */
  readonly momentum?: number;
  /** Added to the variance, 1e-5 by default. */
  readonly epsilon?: number;
  /**
   * Whether the running variance takes m/(m−1) times the variance of a batch of m elements per channel, as PyTorch
   * and cuDNN do; false by default, as PaddlePaddle does on CPUs.
   */
  readonly unbiased?: boolean;
}

/** Where a batch norm writes the statistics of one batch, both `[C]` and at first 0. */
export interface BatchStatistics {
  readonly mean: Tensor;
  /** Biased. */
  readonly variance: Tensor;
}

const { momentum, epsilon, unbiased } = BATCH_NORM_OPTIONS;
const OPTIONS: OptionRules<BatchNormOptions> = {
  channels: required(whole(1)),
  act: oneOf('relu'),
  momentum,
  epsilon,
  unbiased,
};

/**
 * `[N, C, H, W]` → the same shape. In train mode normalizes by the batch's statistics and moves the running ones
 * (`_mean`, at first 0, and `_variance`, at first 1) towards them; in evaluation mode by the running ones. `weight`
 * begins at 1, `bias` at 0. Where both are frozen it is as in evaluation mode, whatever `train()` says. A second input of the shape of the first is added before the activation.
 */
export class BatchNorm extends Module<[x: Tensor, residual?: Tensor | undefined]> {
  /** What a normalized channel is multiplied by, `[C]`. */
  readonly weight: Parameter;
  /** What is added to it then, `[C]`. */
  readonly bias: Parameter;
  /** The running mean, `[C]`. */
  readonly mean: Buffer;
  /** The running variance, `[C]`. */
  readonly variance: Buffer;
  /** How it normalizes. */
  readonly options: Omit<BatchNormOptions, 'channels' | 'act'> & {
    /** Whether ReLU is applied to the result. */
    readonly relu: boolean;
  };
  /**
   * While set, train mode writes the statistics of a batch to what this gives for it, and leaves the running ones alone. A
   * batch of one element per channel has none: nothing is written.
   *
   * @internal
   */
  observer: ((x: Tensor) => BatchStatistics) | undefined;

  protected override stateNames: Readonly<Record<string, string>> = { mean: '_mean', variance: '_variance' };
  protected override torchNames: Readonly<Record<string, string>> = {
    mean: 'running_mean',
    variance: 'running_var',
  };

  /** Throws 'invalid-argument' for other options, 'unsupported' where the device cannot hold the parameters. */
  constructor(device: Device, options: BatchNormOptions) {
    super(device);
    checkOptions('BatchNorm', options, OPTIONS);
    const { channels, act, ...rest } = options;
    checkParameterShape(device, [channels]);
    const filled = (value: number) =>
      new Parameter(device, new Float32Array(channels).fill(value), [channels]);
    this.weight = filled(1);
    this.bias = filled(0);
    this.mean = new Buffer(zeros(device, [channels]));
    this.variance = new Buffer(full(device, [channels], 1));
    this.options = { ...rest, relu: act === 'relu' };
  }

  /** Whether it normalizes by the batch's statistics: in train mode, unless its parameters are frozen. */
  get usesBatch(): boolean {
    return this.training && (this.weight.requiresGrad || this.bias.requiresGrad);
  }

  /** Its tensors, as the ops take them. */
  get state(): BatchNormParameters {
    const { weight, bias, mean, variance } = this;
    return {
      weight: weight.tensor,
      bias: bias.tensor,
      runningMean: mean.tensor,
      runningVariance: variance.tensor,
    };
  }

  override forward(x: Tensor, residual?: Tensor): Tensor {
    const { usesBatch: training, observer, state } = this;
    const options = { ...this.options, training, ...(residual ? { residual } : {}) };
    if (!training || !observer) return batchNorm(x, state, options);
    const { mean, variance } = observer(x);
    const observed = { ...state, runningMean: mean, runningVariance: variance };
    return batchNorm(x, observed, { ...options, momentum: 0, unbiased: false });
  }
}
