/**
 * @file The basic block: two 3×3 convolutions beside a shortcut.
 *
 * K. He et al., "Deep residual learning for image recognition", CVPR 2016, figure 5, left.
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
 * `[N, inChannels, H, W]` → `[N, channels, ⌈H / stride⌉, ⌈W / stride⌉]`: `relu(short(x) + conv1(conv0(x)))`. Where the
 * shapes agree `short` is the identity, else a 1×1 convolution with the stride.
 */
export class BasicBlock extends Module {
  /** How many times `channels` the block's result has. */
  static readonly expansion = 1;
  /** The first convolution, 3×3 with the stride. */
  readonly conv0: ConvBNLayer;
  /** The second convolution, 3×3; adds the shortcut and applies ReLU. */
  readonly conv1: ConvBNLayer;
  /** The convolution of the shortcut, 1×1; undefined where the shortcut is the identity. */
  readonly short: ConvBNLayer | undefined;

  protected override torchNames = RESIDUAL_BLOCK_TORCH_NAMES;

  /** Throws 'invalid-argument' for other options. */
  constructor(device: Device, options: ResidualBlockOptions) {
    super(device);
    checkOptions('BasicBlock', options, RESIDUAL_BLOCK_OPTIONS);
    const { inChannels, channels, stride, ...common } = options;
    const layer = (own: Omit<ConvBNLayerOptions, 'outChannels' | 'random'>) =>
      new ConvBNLayer(device, { ...common, ...own, outChannels: channels });
    this.conv0 = layer({ inChannels, kernel: 3, stride, act: 'relu' });
    // Its ReLU is the block's: batch norm adds the shortcut and applies it in one pass.
    this.conv1 = layer({ inChannels: channels, kernel: 3, act: 'relu' });
    this.short =
      inChannels === channels && stride === 1 ? undefined : layer({ inChannels, kernel: 1, stride });
  }

  override forward(x: Tensor): Tensor {
    const short = this.short?.(x) ?? x;
    return this.conv1(this.conv0(x), short);
  }
}
