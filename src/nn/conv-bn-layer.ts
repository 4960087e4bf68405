/**
 * @file Convolution followed by batch normalization: the brick that a ResNet is built of.
 */

import { BOOLEAN, checkOptions, type OptionRules, oneOf, type Rule, required, whole } from '../arguments.ts';
import { isRecorded } from '../autograd/graph.ts';
import { convBatchNorm } from '../autograd/ops.ts';
import type { Device } from '../device/device.ts';
import { RANDOM, type Random } from '../random.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { BatchNorm } from './batch-norm.ts';
import { Conv2D } from './conv2d.ts';
import { Module } from './module.ts';

/** How a {@link ConvBNLayer} is made. */
export interface ConvBNLayerOptions {
  /** Channels of the input. */
  readonly inChannels: number;
  /** Channels of the result: the number of filters. */
  readonly outChannels: number;
  /** Height and width of the filter; an odd number. */
  readonly kernel: number;
  /** 1 by default. */
  readonly stride?: number;
  /** What is applied to the result, nothing by default. */
  readonly act?: 'relu';
  /** See `BatchNormOptions`. */
  readonly unbiased?: boolean;
  /** Gives the initial filter, the device's generator by default: see `manualSeed`. */
  readonly random?: Random;
}

const ODD: Rule = {
  holds: (value) => Number.isInteger(value) && (value as number) > 0 && (value as number) % 2 === 1,
  words: 'an odd whole number',
};
const OPTIONS: OptionRules<ConvBNLayerOptions> = {
  inChannels: required(whole(1)),
  outChannels: required(whole(1)),
  kernel: required(ODD),
  stride: whole(1),
  act: oneOf('relu'),
  unbiased: BOOLEAN,
  random: RANDOM,
};

/**
 * `[N, inChannels, H, W]` → `[N, outChannels, ⌈H / stride⌉, ⌈W / stride⌉]`: the image is padded by half the filter.
 * A second input of the result's shape is added before the activation. In evaluation mode (or frozen) all of it is one pass
 * where no gradient is wanted.
 */
export class ConvBNLayer extends Module<[x: Tensor, residual?: Tensor | undefined]> {
  /** The convolution, which has no bias. */
  readonly conv: Conv2D;
  /** The batch norm, with the activation. */
  readonly batchNorm: BatchNorm;

  protected override stateNames: Readonly<Record<string, string>> = {
    conv: '_conv',
    batchNorm: '_batch_norm',
  };
  protected override torchNames: Readonly<Record<string, string>> = { conv: 'conv', batchNorm: 'bn' };

  /** Throws 'invalid-argument' for other options, 'unsupported' where the device cannot hold the filter. */
  constructor(device: Device, options: ConvBNLayerOptions) {
    super(device);
    checkOptions('ConvBNLayer', options, OPTIONS);
    const { outChannels, kernel, act, unbiased, ...rest } = options;
    const padding = (kernel - 1) / 2;
    this.conv = new Conv2D(device, { ...rest, outChannels, kernel, padding });
    const norm = { channels: outChannels, ...(act && { act }), ...(unbiased && { unbiased }) };
    this.batchNorm = new BatchNorm(device, norm);
  }

  override forward(x: Tensor, residual?: Tensor): Tensor {
    const { conv, batchNorm } = this;
    const { weight, bias } = batchNorm;
    const inputs = [x, residual, ...[conv.weight, weight, bias].map(({ tensor }) => tensor)];
    if (!batchNorm.usesBatch && !isRecorded(this.device, inputs)) {
      const { epsilon, relu } = batchNorm.options;
      const options = { ...conv.window, epsilon, relu, residual };
      return convBatchNorm(x, conv.weight.tensor, batchNorm.state, options);
    }
    return batchNorm(conv(x), residual);
  }
}
