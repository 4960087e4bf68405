/**
 * @file How a weight gradient's long sum is split over its pixels ("split-K"), and the pass that adds the parts.
 */

import { ceilDivide, checkIndexable } from '../../shape/shape.ts';
import { threadEntry, threadGrid } from '../grid.ts';
import { defineKernel, type KernelPlan, reads, writes } from '../kernel.ts';

/** Threads that keep a large GPU busy; with fewer the sum is split. */
const ENOUGH_THREADS = 16384;
/** Fewer pixels a part are not worth a pass over the scratch buffer. */
const FEWEST_PIXELS = 64;

/** A sum over pixels in parts. */
export interface Split {
  readonly parts: number;
  readonly pixelsAPart: number;
}

/** Splits a sum over `pixels` that `threads` threads could do whole. */
export function splitPixels(pixels: number, threads: number): Split {
  const wanted = Math.min(ceilDivide(ENOUGH_THREADS, threads), ceilDivide(pixels, FEWEST_PIXELS));
  const pixelsAPart = ceilDivide(pixels, wanted);
  return { parts: ceilDivide(pixels, pixelsAPart), pixelsAPart };
}

const sumKernel = defineKernel({
  name: 'conv2d.backwardWeight.sum',
  buffers: { parts: reads('vec4f'), dw: writes('vec4f') },
  uniforms: { quads: 'u32', parts: 'u32' },
  body: () =>
    threadEntry(`
  if (thread >= u.quads) { return; }
  var sum = parts[thread];
  for (var part = 1u; part < u.parts; part++) { sum += parts[part * u.quads + thread]; }
  dw[thread] = sum;
`),
});

/** The dispatches of one weight gradient. */
export interface BackwardWeightPlans {
  /** Buffers: x, dy and the scratch buffer, or dw itself where `sum` is missing. */
  readonly products: KernelPlan;
  /** Adds the parts up, always in the same order. Buffers: scratch, dw. */
  readonly sum?: KernelPlan;
  /** The size of the scratch buffer, 0 where `sum` is missing. */
  readonly scratchBytes: number;
}

/** `products`, and the pass that adds its `parts` of `weightQuads` quads each. */
export function withSum(products: KernelPlan, parts: number, weightQuads: number): BackwardWeightPlans {
  if (parts === 1) return { products, scratchBytes: 0 };
  checkIndexable(parts * weightQuads * 4, 'the scratch buffer of a weight gradient');
  const sum = sumKernel({}, { quads: weightQuads, parts }, threadGrid(weightQuads));
  return { products, sum, scratchBytes: parts * weightQuads * 16 };
}
