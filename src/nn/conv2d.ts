/**
 * @file Two-dimensional convolution with its filter.
 */

import { checkOptions, type OptionRules } from '../arguments.ts';
import { conv2d } from '../autograd/ops.ts';
import type { Device } from '../device/device.ts';
import { CONV2D_OPTIONS, type Conv2dAttributes } from '../shape/conv2d.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { FILTER_OPTIONS, type FilterOptions, filterOf } from './filter.ts';
import { Module } from './module.ts';
import type { Parameter } from './parameter.ts';

/** How a {@link Conv2D} is made. */
export interface Conv2DOptions extends Conv2dAttributes, FilterOptions {}

const OPTIONS: OptionRules<Conv2DOptions> = { ...CONV2D_OPTIONS, ...FILTER_OPTIONS };

/**
 * `[N, inChannels, H, W]` → `[N, outChannels, H', W']`. `weight` is `[outChannels, inChannels / groups, kh, kw]`,
 * at first Normal(0, √(2 / (kh · kw · inChannels))), all input channels counted even where there are groups;
 * `bias` `[outChannels]` begins at 0. Throws 'invalid-argument' where the groups do not divide the channels.
 */
export class Conv2D extends Module {
  /** The filter, `[outChannels, inChannels / groups, kh, kw]`. */
  readonly weight: Parameter;
  /** What is added to each output channel, `[outChannels]`; undefined unless asked for. */
  readonly bias: Parameter | undefined;
  /** Stride, padding, dilation and groups. */
  readonly window: Conv2dAttributes;

  /** Throws 'invalid-argument' for other options, 'unsupported' where the device cannot hold the filter. */
  constructor(device: Device, options: Conv2DOptions) {
    super(device);
    checkOptions('Conv2D', options, OPTIONS);
    const { inChannels, outChannels, kernel, bias, random, weightInitializer, ...window } = options;
    const parameters = filterOf('Conv2D', device, options, [outChannels, inChannels]);
    this.weight = parameters.weight;
    this.bias = parameters.bias;
    this.window = window;
  }

  override forward(x: Tensor): Tensor {
    const bias = this.bias ? { bias: this.bias.tensor } : {};
    return conv2d(x, this.weight.tensor, { ...this.window, ...bias });
  }
}
