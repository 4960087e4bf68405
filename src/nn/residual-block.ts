/**
 * @file How the blocks of a residual network are made.
 */

import { BOOLEAN, type OptionRules, required, whole } from '../arguments.ts';
import { RANDOM, type Random } from '../random.ts';

/** How a `BasicBlock` or a `BottleneckBlock` is made. */
export interface ResidualBlockOptions {
  /** Channels of the input. */
  readonly inChannels: number;
  /** Channels of the inner convolutions; the block's result has the block's `expansion` times as many. */
  readonly channels: number;
  /** By what height and width are divided. */
  readonly stride: number;
  /** See `BatchNormOptions`. */
  readonly unbiased?: boolean;
  /** Gives the initial filters, the device's generator by default: see `manualSeed`. */
  readonly random?: Random;
}

/** The names that torchvision has for the convolutions of a block and their batch norms. */
export const RESIDUAL_BLOCK_TORCH_NAMES: Readonly<Record<string, string>> = {
  'conv0.conv': 'conv1',
  'conv0.bn': 'bn1',
  'conv1.conv': 'conv2',
  'conv1.bn': 'bn2',
  'conv2.conv': 'conv3',
  'conv2.bn': 'bn3',
  'short.conv': 'downsample.0',
  'short.bn': 'downsample.1',
};

/** The rules of {@link ResidualBlockOptions}. */
export const RESIDUAL_BLOCK_OPTIONS: OptionRules<ResidualBlockOptions> = {
  inChannels: required(whole(1)),
  channels: required(whole(1)),
  stride: required(whole(1)),
  unbiased: BOOLEAN,
  random: RANDOM,
};
