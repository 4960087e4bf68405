/**
 * @file How a weight gradient's long sum is split over its pixels ("split-K"), and the pass that adds the parts.
 */

import { type Conv2dGeometry, conv2dWeightShape } from '../../shape/conv2d.ts';
import { memorySize } from '../../shape/layout.ts';
import { ceilDivide, checkIndexable } from '../../shape/shape.ts';
import { reads, writes } from '../buffers.ts';
import { threadEntry, threadGrid } from '../grid.ts';
import { defineKernel } from '../kernel.ts';
import type { KernelPlan } from '../plan.ts';
import { type KernelSequence, sequenceOf, singleDispatch } from '../sequence.ts';
import type { BackwardWeightBuffers } from './buffers.ts';

/** Threads that keep a large GPU busy; with fewer the sum is split. */
const ENOUGH_THREADS = 16384;
/** Fewer pixels per part are not worth a pass over the scratch buffer. */
const FEWEST_PIXELS = 64;

/** A sum over pixels in parts. */
export interface Split {
  readonly parts: number;
  readonly pixelsPerPart: number;
}

/** Splits a sum over `pixels` that `threads` threads could do whole. */
export function splitPixels(pixels: number, threads: number): Split {
  const wanted = Math.min(ceilDivide(ENOUGH_THREADS, threads), ceilDivide(pixels, FEWEST_PIXELS));
  const pixelsPerPart = ceilDivide(pixels, wanted);
  return { parts: ceilDivide(pixels, pixelsPerPart), pixelsPerPart };
}

const sumKernel = defineKernel({
  name: 'conv2d.backwardWeight.sum',
  buffers: { parts: reads('vec4f'), dw: writes('vec4f') },
  uniforms: { blocks: 'u32', parts: 'u32' },
  divisible: true,
  body: () =>
    threadEntry(`
  if (thread >= u.blocks) { return; }
  var sum = parts[thread];
  for (var part = 1u; part < u.parts; part++) { sum += parts[part * u.blocks + thread]; }
  dw[thread] = sum;
`),
});

/** The channel blocks of the weight in memory. */
export function filterBlocks(g: Conv2dGeometry): number {
  return memorySize(conv2dWeightShape(g), 'filter') / 4;
}

/** `products`, and the pass that adds its `parts`, always in the same order. */
export function withSum(
  g: Conv2dGeometry,
  products: KernelPlan<BackwardWeightBuffers>,
  parts: number,
): KernelSequence<BackwardWeightBuffers> {
  if (parts === 1) return singleDispatch(products);
  const blocks = filterBlocks(g);
  const size = parts * blocks * 4;
  checkIndexable(size, 'the scratch buffer of a weight gradient');
  return sequenceOf({ parts: size }, [
    { plan: products, rename: { dw: 'parts' } },
    { plan: sumKernel({}, { blocks, parts }, threadGrid(blocks)) },
  ]);
}
