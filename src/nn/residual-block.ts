/**
 * @file How the blocks of a residual network are made.
 */

import { BOOLEAN, type OptionRules, required, whole } from '../arguments.ts';
import type { Random } from '../random.ts';
import { RANDOM } from './initializers.ts';

/** How a `BasicBlock` or a `BottleneckBlock` is made. */
export interface ResidualBlockOptions {
  readonly inChannels: number;
  /** Channels of the inner convolutions; the block's result has the block's `expansion` times as many. */
  readonly channels: number;
  readonly stride: number;
  /** See `BatchNormOptions`. */
  readonly unbiased?: boolean;
  /** Gives the initial filters, the device's generator by default: see `manualSeed`. */
  readonly random?: Random;
}

/** The rules of {@link ResidualBlockOptions}. */
export const RESIDUAL_BLOCK_OPTIONS: OptionRules<ResidualBlockOptions> = {
  inChannels: required(whole(1)),
  channels: required(whole(1)),
  stride: required(whole(1)),
  unbiased: BOOLEAN,
  random: RANDOM,
};
