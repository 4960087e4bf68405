/**
 * @file RMSProp, one dispatch for a whole arena of parameters.
 *
 *     g' = g + weightDecay · p
 *     s' = α · s + (1 − α) · g'²
 *     a' = α · a + (1 − α) · g',   d = √(s' − a'²) + ε      where it is centered, else   d = √s' + ε
 *     b' = momentum · b + g' / d,  p' = p − rate · b'       with momentum, else          p' = p − rate · g' / d
 *
 * Source: T. Tieleman and G. Hinton, "Neural Networks for Machine Learning", lecture 6.5, 2012; centered: A. Graves, "Generating
 * Sequences With Recurrent Neural Networks", 2013, equations 38 to 45. ε stands outside of the root, as in PyTorch.
 */

import { CHANNEL_BLOCK } from '../../shape/layout.ts';
import { ceilDivide, checkIndexable } from '../../shape/shape.ts';
import { type BuffersOf, reads, writes } from '../buffers.ts';
import { threadEntry, threadGrid } from '../grid.ts';
import { defineKernel } from '../kernel.ts';
import type { KernelPlan } from '../plan.ts';

/** The hyperparameters of one update. */
export interface RMSPropUpdate {
  readonly learningRate: number;
  readonly alpha: number;
  readonly epsilon: number;
  readonly momentum: number;
  readonly centered: boolean;
  readonly weightDecay: number;
}

type Buffers = BuffersOf<'parameters' | 'gradients' | 'squareAverage', 'gradientAverage' | 'velocity'>;

const kernel = /* @__PURE__ */ defineKernel({
  name: 'rmsProp',
  buffers: ({ centered, momentum }: { centered: boolean; momentum: boolean }): Buffers => ({
    parameters: writes('vec4f'),
    gradients: reads('vec4f'),
    squareAverage: writes('vec4f'),
    ...(centered ? { gradientAverage: writes('vec4f') } : {}),
    ...(momentum ? { velocity: writes('vec4f') } : {}),
  }),
  uniforms: {
    ...{ size: 'u32', learningRate: 'f32', alpha: 'f32' },
    /** 1 − α, of α in double precision. */
    share: 'f32',
    ...{ epsilon: 'f32', momentum: 'f32', weightDecay: 'f32' },
  },
  divisible: true,
  body: ({ centered, momentum }) =>
    threadEntry(`
  if (thread >= u.size) { return; }
  let parameter = parameters[thread];
  let gradient = gradients[thread] + u.weightDecay * parameter;
  let square = u.alpha * squareAverage[thread] + u.share * gradient * gradient;
  squareAverage[thread] = square;
${centered ? SPREAD_AROUND_AVERAGE : '  let spread = square;'}
  var direction = gradient / (sqrt(spread) + u.epsilon);
${momentum ? ADD_VELOCITY : ''}
  parameters[thread] = parameter - u.learningRate * direction;`),
});

/** WGSL: the variance of the gradient; rounding alone makes it negative. */
const SPREAD_AROUND_AVERAGE = `
  let average = u.alpha * gradientAverage[thread] + u.share * gradient;
  gradientAverage[thread] = average;
  let variance = square - average * average;
  let spread = select(variance, vec4f(), variance < vec4f());`;

const ADD_VELOCITY = `
  direction += u.momentum * velocity[thread];
  velocity[thread] = direction;`;

/** Updates `count` parameters in place; all buffers are `count` f32 in a row. */
export function rmsPropPlan(
  count: number,
  { learningRate, alpha, epsilon, momentum, centered, weightDecay }: RMSPropUpdate,
): KernelPlan<Buffers> {
  checkIndexable(count, 'rmsProp');
  const size = ceilDivide(count, CHANNEL_BLOCK);
  const uniforms = { size, learningRate, alpha, share: 1 - alpha, epsilon, momentum, weightDecay };
  return kernel({ centered, momentum: momentum > 0 }, uniforms, threadGrid(size));
}
