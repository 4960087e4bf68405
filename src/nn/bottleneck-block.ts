/**
 * @file The bottleneck block: 1×1, 3×3 and 1×1 convolutions beside a shortcut.
 *
 * K. He et al., "Deep residual learning for image recognition", CVPR 2016, figure 5, with the stride in the 3×3
 * convolution.
 */

import { BOOLEAN, checkOptions, type OptionRules, required, whole } from '../arguments.ts';
import type { Device } from '../device/device.ts';
import type { Random } from '../random.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { ConvBNLayer, type ConvBNLayerOptions } from './conv-bn-layer.ts';
import { RANDOM } from './initializers.ts';
import { Module } from './module.ts';

/** How a {@link BottleneckBlock} is made. */
export interface BottleneckBlockOptions {
  readonly inChannels: number;
  /** Channels of the first two convolutions; the block's result has four times as many. */
  readonly channels: number;
  readonly stride: number;
  /** See `BatchNormOptions`. */
  readonly unbiased?: boolean;
  readonly random: Random;
}

const OPTIONS: OptionRules<BottleneckBlockOptions> = {
  inChannels: required(whole(1)),
  channels: required(whole(1)),
  stride: required(whole(1)),
  unbiased: BOOLEAN,
  random: required(RANDOM),
};

/**
 * `[N, inChannels, H, W]` → `[N, 4 · channels, ⌈H / stride⌉, ⌈W / stride⌉]`: `relu(short(x) + conv2(conv1(conv0(x))))`.
 * Where the shapes agree `short` is the identity, else a 1×1 convolution with the stride.
 */
export class BottleneckBlock extends Module {
  /** How many times `channels` the block's result has. */
  static readonly expansion = 4;
  readonly conv0: ConvBNLayer;
  readonly conv1: ConvBNLayer;
  readonly conv2: ConvBNLayer;
  readonly short: ConvBNLayer | undefined;

  constructor(device: Device, options: BottleneckBlockOptions) {
    super(device);
    checkOptions('BottleneckBlock', options, OPTIONS);
    const { inChannels, channels, stride, ...common } = options;
    const outChannels = channels * BottleneckBlock.expansion;
    const layer = (name: string, own: Omit<ConvBNLayerOptions, 'random'>) =>
      this.addModule(name, new ConvBNLayer(device, { ...common, ...own }));
    this.conv0 = layer('conv0', { inChannels, outChannels: channels, kernel: 1, act: 'relu' });
    this.conv1 = layer('conv1', {
      inChannels: channels,
      outChannels: channels,
      kernel: 3,
      stride,
      act: 'relu',
    });
    // Its ReLU is the block's: batch norm adds the shortcut and applies it in one pass.
    this.conv2 = layer('conv2', { inChannels: channels, outChannels, kernel: 1, act: 'relu' });
    this.short =
      inChannels === outChannels && stride === 1
        ? undefined
        : layer('short', { inChannels, outChannels, kernel: 1, stride });
  }

  override forward(x: Tensor): Tensor {
    const short = this.short?.call(x) ?? x;
    return this.conv2.call(this.conv1.call(this.conv0.call(x)), short);
  }
}
