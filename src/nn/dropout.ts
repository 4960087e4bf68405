/**
 * @file Dropout of elements and of samples, in train mode only.
 */

import { checkOptions } from '../arguments.ts';
import {
  DROP_PATH_OPTIONS,
  DROPOUT_OPTIONS,
  type DropoutAttributes,
  type DropPathAttributes,
  dropout,
  dropPath,
} from '../autograd/ops/dropout.ts';
import type { Device } from '../device/device.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Module } from './module.ts';

/** The `dropout` of what it is given in train mode, and what it is given in evaluation or where the probability is 0. */
export class Dropout extends Module {
  /** The probability of being dropped, and the generator that draws. */
  readonly options: DropoutAttributes;

  /** Throws 'invalid-argument' for other options. */
  constructor(device: Device, options: DropoutAttributes = {}) {
    super(device);
    checkOptions('Dropout', options, DROPOUT_OPTIONS);
    this.options = options;
  }

  override forward(x: Tensor): Tensor {
    return this.training && this.options.probability !== 0 ? dropout(x, this.options) : x;
  }
}

/**
 * The `dropPath` of what it is given in train mode, and what it is given in evaluation or where the probability is 0: put
 * behind the branch of a residual block, it leaves the block out for some samples.
 */
export class DropPath extends Module {
  /** The probability of being dropped, and the generator that draws. */
  readonly options: DropPathAttributes;

  /** Throws 'invalid-argument' for other options. */
  constructor(device: Device, options: DropPathAttributes) {
    super(device);
    checkOptions('DropPath', options, DROP_PATH_OPTIONS);
    this.options = options;
  }

  override forward(x: Tensor): Tensor {
    return this.training && this.options.probability !== 0 ? dropPath(x, this.options) : x;
  }
}
