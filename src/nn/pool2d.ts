/**
 * @file Two-dimensional pooling.
 */

import { BOOLEAN, checkOptions, type OptionRules, oneOf, required } from '../arguments.ts';
import { avgPool2d, maxPool2d } from '../autograd/ops.ts';
import type { Device } from '../device/device.ts';
import { POOL2D_OPTIONS, type Pool2dAttributes } from '../shape/pool2d.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Module } from './module.ts';

/** How a {@link Pool2D} is made. */
export interface Pool2DOptions extends Pool2dAttributes {
  /** What becomes of a window: its largest value or its mean. */
  readonly type: 'max' | 'avg';
  /** Whether a mean is that of the pixels inside the image only, and not of those of the padded image; true by default. */
  readonly exclusive?: boolean;
}

const OPTIONS: OptionRules<Pool2DOptions> = {
  ...POOL2D_OPTIONS,
  type: required(oneOf('max', 'avg')),
  exclusive: BOOLEAN,
};

/** `[N, C, H, W]` → `[N, C, H', W']`, each channel by itself. */
export class Pool2D extends Module {
  /** What it was made with. */
  readonly options: Pool2DOptions;

  /** Throws 'invalid-argument' for other options. */
  constructor(device: Device, options: Pool2DOptions) {
    super(device);
    checkOptions('Pool2D', options, OPTIONS);
    this.options = options;
  }

  override forward(x: Tensor): Tensor {
    const { type, exclusive = true, ...options } = this.options;
    return type === 'max' ? maxPool2d(x, options) : avgPool2d(x, { ...options, exclusive });
  }
}
