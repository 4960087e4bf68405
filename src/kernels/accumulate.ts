/**
 * @file Adds a tensor to another in place.
 */

import { CHANNEL_BLOCK, memorySize } from '../shape/layout.ts';
import { ceilDivide, checkIndexable } from '../shape/shape.ts';
import { type BuffersOf, reads, writes } from './buffers.ts';
import { threadEntry, threadGrid } from './grid.ts';
import { defineKernel } from './kernel.ts';
import type { Operand } from './padding.ts';
import type { KernelPlan } from './plan.ts';

const kernel = /* @__PURE__ */ defineKernel({
  name: 'accumulate',
  buffers: { x: reads('vec4f'), result: writes('vec4f') },
  uniforms: { size: 'u32' },
  divisible: true,
  body: () =>
    threadEntry(`
  if (thread >= u.size) { return; }
  result[thread] += x[thread];`),
});

/** `result += x`, both as `operand` is. Padding stays zero. */
export function accumulatePlan({ shape, layout }: Operand): KernelPlan<BuffersOf<'x' | 'result'>> {
  const elements = memorySize(shape, layout);
  checkIndexable(elements, 'accumulate');
  const size = ceilDivide(elements, CHANNEL_BLOCK);
  return kernel({}, { size }, threadGrid(size));
}
