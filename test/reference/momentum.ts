/**
 * @file One step of stochastic gradient descent with momentum, in float64.
 *
 *     g' = g + λ·p,   v' = μ·v + g',   p' = p − η·v',   or with Nesterov   p' = p − η·(g' + μ·v')
 *
 * Source: PaddlePaddle 1.8, operators/optimizers/momentum_op.h; L2Decay adds λ·p to the gradient.
 */

import { assertShape, map, type NdArray } from './array.ts';

/** The hyperparameters of a step. */
export interface MomentumOptions {
  /** η */
  readonly learningRate: number;
  /** μ */
  readonly momentum: number;
  /** false unless told. */
  readonly nesterov?: boolean;
  /** λ; 0 unless told. */
  readonly weightDecay?: number;
}

/** p' and v' of p, g and v, which share a shape. */
export function momentumStep(
  parameter: NdArray,
  gradient: NdArray,
  velocity: NdArray,
  options: MomentumOptions,
): { parameter: NdArray; velocity: NdArray } {
  assertShape(gradient, parameter.shape, 'gradient');
  assertShape(velocity, parameter.shape, 'velocity');
  const { learningRate, momentum, nesterov = false, weightDecay = 0 } = options;
  const decayed = map(gradient, (g, i) => g + weightDecay * parameter.data[i]!);
  const newVelocity = map(velocity, (v, i) => momentum * v + decayed.data[i]!);
  const newParameter = map(parameter, (p, i) => {
    const v = newVelocity.data[i]!;
    return p - learningRate * (nesterov ? decayed.data[i]! + momentum * v : v);
  });
  return { parameter: newParameter, velocity: newVelocity };
}
