/**
 * @file Two-dimensional convolution with its filter.
 */

import { BOOLEAN, checkOptions, type OptionRules, required, whole } from '../arguments.ts';
import { conv2d } from '../autograd/ops.ts';
import type { Device } from '../device/device.ts';
import { check } from '../errors.ts';
import { RANDOM, type Random } from '../random.ts';
import { CONV2D_OPTIONS, type Conv2dAttributes } from '../shape/conv2d.ts';
import { expandPair, PAIR, type Pair } from '../shape/window.ts';
import { generatorOf } from '../tensor/generator.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { checkParameterShape, constant, normal } from './initializers.ts';
import { Module } from './module.ts';
import { Parameter } from './parameter.ts';

/** How a {@link Conv2D} is made. */
export interface Conv2DOptions extends Conv2dAttributes {
  readonly inChannels: number;
  readonly outChannels: number;
  /** Height and width of the filter. */
  readonly kernel: Pair;
  /** Whether to add a learnt number to every output channel, false by default. */
  readonly bias?: boolean;
  /** Gives the initial filter, the device's generator by default: see `manualSeed`. */
  readonly random?: Random;
}

const OPTIONS: OptionRules<Conv2DOptions> = {
  ...CONV2D_OPTIONS,
  inChannels: required(whole(1)),
  outChannels: required(whole(1)),
  kernel: required(PAIR),
  bias: BOOLEAN,
  random: RANDOM,
};

/**
 * `[N, inChannels, H, W]` → `[N, outChannels, H', W']`. `weight` is `[outChannels, inChannels / groups, kh, kw]`,
 * at first Normal(0, √(2 / (kh · kw · inChannels))), all input channels counted even where there are groups;
 * `bias` `[outChannels]` begins at 0. Throws 'invalid-argument' where the groups do not divide the channels.
 */
export class Conv2D extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | undefined;
  /** Stride, padding, dilation and groups. */
  readonly window: Conv2dAttributes;

  constructor(device: Device, options: Conv2DOptions) {
    super(device);
    checkOptions('Conv2D', options, OPTIONS);
    const {
      inChannels,
      outChannels,
      kernel,
      bias = false,
      random = generatorOf(device),
      ...window
    } = options;
    const { groups = 1 } = window;
    check(
      inChannels % groups === 0 && outChannels % groups === 0,
      'invalid-argument',
      () =>
        `Conv2D: ${inChannels} input and ${outChannels} output channels do not both divide into ${groups} groups`,
    );
    const [height, width] = expandPair(kernel, "Conv2D's kernel");
    const deviation = Math.sqrt(2 / (height * width * inChannels));
    const shape = [outChannels, inChannels / groups, height, width];
    checkParameterShape(device, shape);
    const values = normal(0, deviation)(outChannels * (inChannels / groups) * height * width, random);
    this.weight = new Parameter(device, values, shape, { layout: 'filter' });
    if (bias) {
      const zero = constant(0)(outChannels, random);
      this.bias = new Parameter(device, zero, [outChannels]);
    }
    this.window = window;
  }

  override forward(x: Tensor): Tensor {
    const bias = this.bias ? { bias: this.bias.tensor } : {};
    return conv2d(x, this.weight.tensor, { ...this.window, ...bias });
  }
}
