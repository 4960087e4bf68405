/**
 * @file Stochastic gradient descent without memory, one dispatch for a whole arena of parameters.
 *
 *     p' = p − rate · (g + weightDecay · p)
 */

import { CHANNEL_BLOCK } from '../../shape/layout.ts';
import { ceilDivide, checkIndexable } from '../../shape/shape.ts';
import { type BuffersOf, reads, writes } from '../buffers.ts';
import { threadEntry, threadGrid } from '../grid.ts';
import { defineKernel } from '../kernel.ts';
import type { KernelPlan } from '../plan.ts';

/** The hyperparameters of one update. */
export interface SGDUpdate {
  readonly learningRate: number;
  readonly weightDecay: number;
}

const kernel = /* @__PURE__ */ defineKernel({
  name: 'sgd',
  buffers: { parameters: writes('vec4f'), gradients: reads('vec4f') },
  uniforms: { size: 'u32', learningRate: 'f32', weightDecay: 'f32' },
  divisible: true,
  body: () =>
    threadEntry(`
  if (thread >= u.size) { return; }
  let parameter = parameters[thread];
  parameters[thread] = parameter - u.learningRate * (gradients[thread] + u.weightDecay * parameter);`),
});

/** Updates `count` parameters in place; both buffers are `count` f32 in a row. */
export function sgdPlan(
  count: number,
  { learningRate, weightDecay }: SGDUpdate,
): KernelPlan<BuffersOf<'parameters' | 'gradients'>> {
  checkIndexable(count, 'sgd');
  const size = ceilDivide(count, CHANNEL_BLOCK);
  return kernel({}, { size, learningRate, weightDecay }, threadGrid(size));
}
