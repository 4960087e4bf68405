/**
 * @file The fully connected layer.
 */

import { checkOptions, FUNCTION, type OptionRules, required, whole } from '../arguments.ts';
import { linear } from '../autograd/ops.ts';
import type { Device } from '../device/device.ts';
import { RANDOM, type Random } from '../random.ts';
import { generatorOf } from '../tensor/generator.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { checkParameterShape, constant, type Initializer, xavierUniform } from './initializers.ts';
import { Module } from './module.ts';
import { Parameter } from './parameter.ts';

/** How a {@link Linear} is made. */
export interface LinearOptions {
  /** The extent of the input's last axis. */
  readonly inFeatures: number;
  /** The extent of the result's last axis. */
  readonly outFeatures: number;
  /** Gives the initial weights, the device's generator by default: see `manualSeed`. */
  readonly random?: Random;
  /** How, Xavier's uniform by default. */
  readonly weightInitializer?: Initializer;
}

const OPTIONS: OptionRules<LinearOptions> = {
  inFeatures: required(whole(1)),
  outFeatures: required(whole(1)),
  random: RANDOM,
  weightInitializer: FUNCTION,
};

/** `[…, inFeatures]` → `[…, outFeatures]`: `x · weight + bias`. `weight` is `[in, out]`, `bias` begins at 0. */
export class Linear extends Module {
  /** The matrix, `[inFeatures, outFeatures]`: PyTorch's transposed. */
  readonly weight: Parameter;
  /** What is added to each row of the product, `[outFeatures]`. */
  readonly bias: Parameter;

  /** Throws 'invalid-argument' for other options, 'unsupported' where the device cannot hold the matrix. */
  constructor(device: Device, options: LinearOptions) {
    super(device);
    checkOptions('Linear', options, OPTIONS);
    const { inFeatures, outFeatures, random = generatorOf(device), weightInitializer } = options;
    const initializer = weightInitializer ?? xavierUniform(inFeatures, outFeatures);
    const shape = [inFeatures, outFeatures];
    checkParameterShape(device, shape);
    const weight = initializer(inFeatures * outFeatures, random);
    const bias = constant(0)(outFeatures, random);
    this.weight = new Parameter(device, weight, shape);
    this.bias = new Parameter(device, bias, [outFeatures]);
  }

  override forward(x: Tensor): Tensor {
    return linear(x, this.weight.tensor, this.bias.tensor);
  }
}
