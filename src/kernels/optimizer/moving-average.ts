/**
 * @file Averages of weights that follow them: `average' = average + (1 − decay) · (weight − average)`; and weights exchanged for
 * their averages.
 */

import { CHANNEL_BLOCK } from '../../shape/layout.ts';
import { ceilDivide, checkIndexable } from '../../shape/shape.ts';
import { type BuffersOf, reads, writes } from '../buffers.ts';
import { threadEntry, threadGrid } from '../grid.ts';
import { defineKernel } from '../kernel.ts';
import type { KernelPlan } from '../plan.ts';

const average = /* @__PURE__ */ defineKernel({
  name: 'movingAverage.update',
  buffers: { averages: writes('vec4f'), weights: reads('vec4f') },
  /** `share`: 1 − decay, of a decay in double precision. */
  uniforms: { size: 'u32', share: 'f32' },
  divisible: true,
  body: () =>
    threadEntry(`
  if (thread >= u.size) { return; }
  averages[thread] += u.share * (weights[thread] - averages[thread]);`),
});

const exchange = /* @__PURE__ */ defineKernel({
  name: 'movingAverage.exchange',
  buffers: { averages: writes('vec4f'), weights: writes('vec4f') },
  uniforms: { size: 'u32' },
  divisible: true,
  body: () =>
    threadEntry(`
  if (thread >= u.size) { return; }
  let weight = weights[thread];
  weights[thread] = averages[thread];
  averages[thread] = weight;`),
});

/** Takes `count` weights in a row into their averages. */
export function averagePlan(count: number, decay: number): KernelPlan<BuffersOf<'averages' | 'weights'>> {
  checkIndexable(count, 'a moving average');
  const size = ceilDivide(count, CHANNEL_BLOCK);
  return average({}, { size, share: 1 - decay }, threadGrid(size));
}

/** Exchanges `count` weights in a row for their averages. */
export function exchangePlan(count: number): KernelPlan<BuffersOf<'averages' | 'weights'>> {
  checkIndexable(count, 'a moving average');
  const size = ceilDivide(count, CHANNEL_BLOCK);
  return exchange({}, { size }, threadGrid(size));
}
