/**
 * @file Two-dimensional transposed convolution with its filter.
 */

import { checkOptions, type OptionRules } from '../arguments.ts';
import { convTranspose2d } from '../autograd/ops.ts';
import type { Device } from '../device/device.ts';
import { CONV_TRANSPOSE2D_OPTIONS, type ConvTranspose2dAttributes } from '../shape/conv-transpose2d.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { FILTER_OPTIONS, type FilterOptions, filterOf } from './filter.ts';
import { Module } from './module.ts';
import type { Parameter } from './parameter.ts';

/** How a {@link ConvTranspose2D} is made. */
export interface ConvTranspose2DOptions extends ConvTranspose2dAttributes, FilterOptions {}

const OPTIONS: OptionRules<ConvTranspose2DOptions> = { ...CONV_TRANSPOSE2D_OPTIONS, ...FILTER_OPTIONS };

/**
 * `[N, inChannels, H, W]` → `[N, outChannels, H', W']`, larger by the stride, see `convTranspose2d`. `weight` is
 * `[inChannels, outChannels / groups, kh, kw]`, at first as a `Conv2D`'s; `bias` `[outChannels]` begins at 0. Throws
 * 'invalid-argument' where the groups do not divide the channels.
 */
export class ConvTranspose2D extends Module {
  /** The filter, `[inChannels, outChannels / groups, kh, kw]`. */
  readonly weight: Parameter;
  /** What is added to each output channel, `[outChannels]`; undefined unless asked for. */
  readonly bias: Parameter | undefined;
  /** Stride, padding, output padding, dilation and groups. */
  readonly window: ConvTranspose2dAttributes;

  /** Throws 'invalid-argument' for other options, 'unsupported' where the device cannot hold the filter. */
  constructor(device: Device, options: ConvTranspose2DOptions) {
    super(device);
    checkOptions('ConvTranspose2D', options, OPTIONS);
    const { inChannels, outChannels, kernel, bias, random, weightInitializer, ...window } = options;
    const parameters = filterOf('ConvTranspose2D', device, options, [inChannels, outChannels]);
    this.weight = parameters.weight;
    this.bias = parameters.bias;
    this.window = window;
  }

  override forward(x: Tensor): Tensor {
    const bias = this.bias ? { bias: this.bias.tensor } : {};
    return convTranspose2d(x, this.weight.tensor, { ...this.window, ...bias });
  }
}
