/**
 * @file Dropout: elements, or all elements of a sample, are set to zero by chance, and the others scaled. A mask is never
 * stored: the same key gives the same mask again.
 *
 * With the numbers r₀, r₁, … of `new Random(key)`, number i is kept where ⌊rᵢ / 2⁸⌋ ≥ probability · 2²⁴. Elements are numbered
 * as they lie in memory, padding included, samples from 0 on; so a mask does not depend on the parts that a tensor is run in.
 */

import { CHANNEL_BLOCK } from '../shape/layout.ts';
import { ceilDivide, checkIndexable } from '../shape/shape.ts';
import { type BuffersOf, reads, writes } from './buffers.ts';
import { threadEntry, threadGrid } from './grid.ts';
import { defineKernel } from './kernel.ts';
import { PHILOX } from './philox.ts';
import type { KernelPlan } from './plan.ts';
import { uniformsOf } from './uniforms.ts';

/** Of whom the mask has a number. */
export type MaskUnit = 'element' | 'sample';

/** A mask. */
export interface Mask {
  readonly unit: MaskUnit;
  /** The chance of zero. */
  readonly probability: number;
  /** Seed and stream of the numbers, each below 2³¹. */
  readonly key: readonly [seed: number, stream: number];
}

/** Some samples of a tensor. */
export interface MaskedSize {
  readonly samples: number;
  /** Elements in memory per sample. */
  readonly length: number;
  /** Samples before the first one, 0 by default. */
  readonly first?: number;
}

/** WGSL of four numbers, by what they are of. A vec4 may hold elements of several samples. */
const NUMBERS = {
  element: 'philox(u.firstBlock + thread, vec2u(u.seed, u.stream))',
  sample: 'vec4u(numberOf(4u * thread))',
  samples:
    'vec4u(numberOf(4u * thread), numberOf(4u * thread + 1u), numberOf(4u * thread + 2u), numberOf(4u * thread + 3u))',
} as const;

const dropout = /* @__PURE__ */ defineKernel({
  name: 'dropout',
  buffers: { x: reads('vec4f'), y: writes('vec4f') },
  uniforms: {
    ...uniformsOf('u32', 'blocks', 'length', 'firstBlock', 'firstSample', 'threshold', 'seed', 'stream'),
    scale: 'f32',
  },
  divisible: true,
  uses: [PHILOX],
  body: ({ numbers }: { numbers: keyof typeof NUMBERS }) => `
fn numberOf(element: u32) -> u32 {
  let sample = u.firstSample + element / u.length;
  return philox(sample / 4u, vec2u(u.seed, u.stream))[sample % 4u];
}
${threadEntry(`
  if (thread >= u.blocks) { return; }
  let numbers = ${NUMBERS[numbers]};
  let isKept = (numbers >> vec4u(8u)) >= vec4u(u.threshold);
  y[thread] = x[thread] * select(vec4f(), vec4f(u.scale), isKept);`)}`,
});

/** `y = x / (1 − probability)` where the mask keeps x, else `0 · x`, so that NaN is not lost. Its own gradient, too. */
export function dropoutPlan(
  { samples, length, first = 0 }: MaskedSize,
  { unit, probability, key: [seed, stream] }: Mask,
): KernelPlan<BuffersOf<'x' | 'y'>> {
  const blocks = ceilDivide(samples * length, CHANNEL_BLOCK);
  checkIndexable((first + samples) * length, 'dropout');
  const numbers = unit === 'sample' && length % CHANNEL_BLOCK !== 0 ? 'samples' : unit;
  const uniforms = {
    blocks,
    length,
    firstBlock: (first * length) / CHANNEL_BLOCK,
    firstSample: first,
    threshold: Math.round(probability * 2 ** 24),
    seed,
    stream,
    scale: probability < 1 ? 1 / (1 - probability) : 0,
  };
  return dropout({ numbers }, uniforms, threadGrid(blocks));
}
