/**
 * @file The bottleneck block: 1×1, 3×3 and 1×1 convolutions beside a shortcut.
 *
 * K. He et al., "Deep residual learning for image recognition", CVPR 2016, figure 5, with the stride in the 3×3
 * convolution.
 */

import { checkOptions } from '../arguments.ts';
import type { Device } from '../device/device.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { ConvBNLayer, type ConvBNLayerOptions } from './conv-bn-layer.ts';
import { Module } from './module.ts';
import {
  RESIDUAL_BLOCK_OPTIONS,
  RESIDUAL_BLOCK_TORCH_NAMES,
  type ResidualBlockOptions,
} from './residual-block.ts';

/**
 * `[N, inChannels, H, W]` → `[N, 4 · channels, ⌈H / stride⌉, ⌈W / stride⌉]`: `relu(short(x) + conv2(conv1(conv0(x))))`.
 * Where the shapes agree `short` is the identity, else a 1×1 convolution with the stride.
 */
export class BottleneckBlock extends Module {
  /** How many times `channels` the block's result has. */
  static readonly expansion = 4;
  /** The first convolution, 1×1. */
  readonly conv0: ConvBNLayer;
  /** The second convolution, 3×3 with the stride. */
  readonly conv1: ConvBNLayer;
  /** The third convolution, 1×1; adds the shortcut and applies ReLU. */
  readonly conv2: ConvBNLayer;
  /** The convolution of the shortcut, 1×1; undefined where the shortcut is the identity. */
  readonly short: ConvBNLayer | undefined;

  protected override torchNames = RESIDUAL_BLOCK_TORCH_NAMES;

  /** Throws 'invalid-argument' for other options. */
  constructor(device: Device, options: ResidualBlockOptions) {
    super(device);
    checkOptions('BottleneckBlock', options, RESIDUAL_BLOCK_OPTIONS);
    const { inChannels, channels, stride, ...common } = options;
    const outChannels = channels * BottleneckBlock.expansion;
    const layer = (own: Omit<ConvBNLayerOptions, 'random'>) => new ConvBNLayer(device, { ...common, ...own });
    this.conv0 = layer({ inChannels, outChannels: channels, kernel: 1, act: 'relu' });
    this.conv1 = layer({
      inChannels: channels,
      outChannels: channels,
      kernel: 3,
      stride,
      act: 'relu',
    });
    // Its ReLU is the block's: batch norm adds the shortcut and applies it in one pass.
    this.conv2 = layer({ inChannels: channels, outChannels, kernel: 1, act: 'relu' });
    this.short =
      inChannels === outChannels && stride === 1
        ? undefined
        : layer({ inChannels, outChannels, kernel: 1, stride });
  }

  override forward(x: Tensor): Tensor {
    const short = this.short?.(x) ?? x;
    return this.conv2(this.conv1(this.conv0(x)), short);
  }
}
