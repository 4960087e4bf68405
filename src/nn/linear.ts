/**
 * @file The fully connected layer.
 */

import { linear } from '../autograd/ops.ts';
import type { Device } from '../device/device.ts';
import type { Random } from '../random.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { constant, type Initializer, xavierUniform } from './initializers.ts';
import { Module } from './module.ts';
import { Parameter } from './parameter.ts';

/** How a {@link Linear} is made. */
export interface LinearOptions {
  readonly inFeatures: number;
  readonly outFeatures: number;
  /** Gives the initial weights. */
  readonly random: Random;
  /** How, Xavier's uniform by default. */
  readonly weightInitializer?: Initializer;
}

/** `[N, inFeatures]` → `[N, outFeatures]`: `x · weight + bias`. `weight` is `[in, out]`, `bias` begins at 0. */
export class Linear extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter;

  constructor(device: Device, { inFeatures, outFeatures, random, weightInitializer }: LinearOptions) {
    super(device);
    const initializer = weightInitializer ?? xavierUniform(inFeatures, outFeatures);
    const weight = initializer(inFeatures * outFeatures, random);
    const bias = constant(0)(outFeatures, random);
    this.weight = this.addParameter('weight', new Parameter(device, weight, [inFeatures, outFeatures]));
    this.bias = this.addParameter('bias', new Parameter(device, bias, [outFeatures]));
  }

  override forward(x: Tensor): Tensor {
    return linear(x, this.weight.tensor, this.bias.tensor);
  }
}
