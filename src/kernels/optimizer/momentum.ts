/**
 * @file Stochastic gradient descent with momentum, one dispatch for a whole arena of parameters.
 *
 *     g' = g + weightDecay · p
 *     v' = momentum · v + g'
 *     p' = p − rate · v',   or with Nesterov   p' = p − rate · (g' + momentum · v')
 *
 * Source: PaddlePaddle 1.8, operators/optimizers/momentum_op.h.
 */

import { CHANNEL_BLOCK } from '../../shape/layout.ts';
import { ceilDivide, checkIndexable } from '../../shape/shape.ts';
import { type BuffersOf, reads, writes } from '../buffers.ts';
import { threadEntry, threadGrid } from '../grid.ts';
import { defineKernel } from '../kernel.ts';
import type { KernelPlan } from '../plan.ts';

/** The hyperparameters of one update. */
export interface MomentumUpdate {
  readonly learningRate: number;
  readonly momentum: number;
  /** Coefficient of the L2 decay, 0 by default. */
  readonly weightDecay?: number;
  /** false by default. */
  readonly nesterov?: boolean;
}

const kernel = /* @__PURE__ */ defineKernel({
  name: 'momentum',
  buffers: { parameters: writes('vec4f'), gradients: reads('vec4f'), velocity: writes('vec4f') },
  uniforms: { size: 'u32', learningRate: 'f32', momentum: 'f32', weightDecay: 'f32' },
  divisible: true,
  body: ({ nesterov }: { nesterov: boolean }) =>
    threadEntry(`
  if (thread >= u.size) { return; }
  let parameter = parameters[thread];
  let gradient = gradients[thread] + u.weightDecay * parameter;
  let v = u.momentum * velocity[thread] + gradient;
  velocity[thread] = v;
  parameters[thread] = parameter - u.learningRate * ${nesterov ? '(gradient + u.momentum * v)' : 'v'};`),
});

/** Updates `count` parameters in place; all three buffers are `count` f32 in a row. */
export function momentumPlan(
  count: number,
  { learningRate, momentum, weightDecay = 0, nesterov = false }: MomentumUpdate,
): KernelPlan<BuffersOf<'parameters' | 'gradients' | 'velocity'>> {
  checkIndexable(count, 'momentum');
  const size = ceilDivide(count, CHANNEL_BLOCK);
  return kernel({ nesterov }, { size, learningRate, momentum, weightDecay }, threadGrid(size));
}
