/**
 * @file Runs the passes of a convolution by an algorithm.
 */

import type { Device } from '../device/device.ts';
import type { Algorithm } from '../kernels/conv2d/algorithm.ts';
import type { Pass } from '../kernels/conv2d/passes.ts';
import { conv2dOutputShape } from '../shape/conv2d.ts';
import type { Layout } from '../shape/layout.ts';
import { type Shape, sizeOf } from '../shape/shape.ts';
import { convolve, convolveBackwardInput, convolveBackwardWeight } from '../tensor/convolve.ts';
import { empty, tensor } from '../tensor/create.ts';
import { runningStatistics } from '../tensor/normalize.ts';
import { summed, withinUlp } from './bounds.ts';
import { type ConvolutionCase, geometryOf } from './cases/convolutions.ts';
import { hashedValues } from './hashed-values.ts';
import type { Results } from './measure.ts';

/** What the passes of a convolution take. */
export type ConvolutionOperand =
  | ('x' | 'weight' | 'dy' | 'bias' | 'residual')
  | ('gamma' | 'beta' | 'mean' | 'variance');

/** The names of a pass's results. */
export const PASS_RESULTS = {
  forward: ['y', 'y, fused'],
  backwardInput: ['dx'],
  backwardWeight: ['dw'],
} as const satisfies Record<Pass, readonly string[]>;

/** The name under which a convolution's figures are kept. */
export const convolutionName = ({ name }: ConvolutionCase): string => `convolution, ${name}`;

/** The shape of an operand. */
export function operandShape(found: ConvolutionCase, operand: ConvolutionOperand): Shape {
  const { input, weight } = found;
  if (operand === 'x') return input;
  if (operand === 'weight') return weight;
  if (operand === 'dy' || operand === 'residual') return conv2dOutputShape(geometryOf(found));
  return [weight[0]!];
}

/** Its values, exact in f32. */
export function operandValues(
  found: ConvolutionCase,
  operand: ConvolutionOperand,
): Float32Array<ArrayBuffer> {
  const name = `${convolutionName(found)}, ${operand}`;
  const count = sizeOf(operandShape(found, operand));
  return operand === 'variance' ? hashedValues(name, count, 1, 1.5) : hashedValues(name, count);
}

/** How far a pass may be from the exact result: by the products of its longest sum. */
export function passBound(found: ConvolutionCase, pass: Pass): number {
  const { groups, inChannels, outChannels, kernelHeight, kernelWidth, batch, outHeight, outWidth } =
    geometryOf(found);
  const taps = kernelHeight * kernelWidth;
  if (pass === 'forward') return summed((taps * inChannels) / groups) + withinUlp(8); // of the batch norm after it
  if (pass === 'backwardInput') return summed((taps * outChannels) / groups);
  return summed(batch * outHeight * outWidth);
}

/** Runs a pass by `algorithm`; forward as it is and with all that can be fused into it. */
export function runPass(device: Device, found: ConvolutionCase, pass: Pass, algorithm: Algorithm): Results {
  const g = geometryOf(found);
  const operand = (name: ConvolutionOperand, layout?: Layout) =>
    tensor(device, operandValues(found, name), operandShape(found, name), layout ? { layout } : {});
  if (pass === 'backwardInput') {
    const dx = empty(device, found.input);
    convolveBackwardInput(g, operand('dy'), operand('weight', 'filter'), dx, algorithm);
    return { dx };
  }
  if (pass === 'backwardWeight') {
    const dw = empty(device, found.weight, { layout: 'filter' });
    convolveBackwardWeight(g, operand('x'), operand('dy'), dw, algorithm);
    return { dw };
  }
  const [x, weight] = [operand('x'), operand('weight', 'filter')];
  const [y, fused] = [empty(device, conv2dOutputShape(g)), empty(device, conv2dOutputShape(g))];
  convolve(g, x, weight, y, { bias: operand('bias') }, false, algorithm);
  const parameters = { weight: operand('gamma'), bias: operand('beta') };
  const running = { runningMean: operand('mean'), runningVariance: operand('variance') };
  const statistics = runningStatistics({ ...parameters, ...running }, 1e-5);
  convolve(g, x, weight, fused, { statistics, residual: operand('residual') }, true, algorithm);
  return { y, 'y, fused': fused };
}
