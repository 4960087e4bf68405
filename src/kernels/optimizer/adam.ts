/**
 * @file Adam and AdamW, one dispatch for a whole arena of parameters. Update t, counted from 1:
 *
 *     g' = g + weightDecay · p                          (Adam)
 *     p  = p − rate · weightDecay · p                   (AdamW, before all else)
 *     m' = β₁ · m + (1 − β₁) · g'
 *     v' = β₂ · v + (1 − β₂) · g'²
 *     p' = p − rate / (1 − β₁ᵗ) · m' / (√v' / √(1 − β₂ᵗ) + ε)
 *
 * Sources: D. Kingma and J. Ba, "Adam: A Method for Stochastic Optimization", 2015, algorithm 1; I. Loshchilov and F. Hutter,
 * "Decoupled Weight Decay Regularization", 2019, algorithm 2 with the decay scaled by the rate, as PyTorch has it.
 */

import { CHANNEL_BLOCK } from '../../shape/layout.ts';
import { ceilDivide, checkIndexable } from '../../shape/shape.ts';
import { type BuffersOf, reads, writes } from '../buffers.ts';
import { threadEntry, threadGrid } from '../grid.ts';
import { defineKernel } from '../kernel.ts';
import type { KernelPlan } from '../plan.ts';

/** The hyperparameters of one update. */
export interface AdamUpdate {
  readonly learningRate: number;
  readonly betas: readonly [number, number];
  readonly epsilon: number;
  readonly weightDecay: number;
  /** Whether weights shrink by themselves (AdamW) or by way of the gradient (Adam). */
  readonly decoupled: boolean;
  /** Which update of these parameters it is, from 1. */
  readonly update: number;
}

const kernel = /* @__PURE__ */ defineKernel({
  name: 'adam',
  buffers: {
    parameters: writes('vec4f'),
    gradients: reads('vec4f'),
    firstMoment: writes('vec4f'),
    secondMoment: writes('vec4f'),
  },
  uniforms: {
    size: 'u32',
    /** What is left of a parameter by decoupled decay, and the coefficient of the other kind. */
    kept: 'f32',
    weightDecay: 'f32',
    beta1: 'f32',
    beta2: 'f32',
    /** 1 − β, of β in double precision. */
    share1: 'f32',
    share2: 'f32',
    /** rate / (1 − β₁ᵗ) and √(1 − β₂ᵗ) */
    stepSize: 'f32',
    correction: 'f32',
    epsilon: 'f32',
  },
  divisible: true,
  body: () =>
    threadEntry(`
  if (thread >= u.size) { return; }
  let parameter = parameters[thread];
  let gradient = gradients[thread] + u.weightDecay * parameter;
  let m = u.beta1 * firstMoment[thread] + u.share1 * gradient;
  let v = u.beta2 * secondMoment[thread] + u.share2 * gradient * gradient;
  firstMoment[thread] = m;
  secondMoment[thread] = v;
  parameters[thread] = u.kept * parameter - u.stepSize * m / (sqrt(v) / u.correction + u.epsilon);`),
});

/** Updates `count` parameters in place; all four buffers are `count` f32 in a row. */
export function adamPlan(
  count: number,
  { learningRate, betas: [beta1, beta2], epsilon, weightDecay, decoupled, update }: AdamUpdate,
): KernelPlan<BuffersOf<'parameters' | 'gradients' | 'firstMoment' | 'secondMoment'>> {
  checkIndexable(count, 'adam');
  const size = ceilDivide(count, CHANNEL_BLOCK);
  const uniforms = {
    size,
    kept: decoupled ? 1 - learningRate * weightDecay : 1,
    weightDecay: decoupled ? 0 : weightDecay,
    ...{ beta1, beta2, share1: 1 - beta1, share2: 1 - beta2, epsilon },
    stepSize: learningRate / (1 - beta1 ** update),
    correction: Math.sqrt(1 - beta2 ** update),
  };
  return kernel({}, uniforms, threadGrid(size));
}
