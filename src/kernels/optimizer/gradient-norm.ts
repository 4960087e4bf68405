/**
 * @file The norm of all gradients together, and gradients scaled so that it is no larger than a limit:
 *
 *     norm = √Σ g²,   g' = g · min(1, limit / (norm + 1e-6))
 *
 * Source: R. Pascanu, T. Mikolov and Y. Bengio, "On the difficulty of training recurrent neural networks", 2013, algorithm 1, with
 * PyTorch's 1e-6. Nothing is read back, and sums are always added in the same order. Where the norm is NaN or infinite, every
 * gradient that is not zero becomes NaN: scaled by what is no number they would be zeros, and nobody would notice.
 */

import { CHANNEL_BLOCK } from '../../shape/layout.ts';
import { ceilDivide, checkIndexable } from '../../shape/shape.ts';
import { type BuffersOf, reads, writes } from '../buffers.ts';
import { threadEntry, threadGrid, workgroupEntry, workgroupGrid } from '../grid.ts';
import { defineKernel } from '../kernel.ts';
import type { KernelPlan } from '../plan.ts';

const THREADS = 64;
/** Blocks that a thread adds up before another workgroup is worth it, and as many workgroups as are of use. */
const BLOCKS_PER_THREAD = 16;
const MOST_WORKGROUPS = 256;

/** WGSL: adds the sums of a workgroup's threads into the first. */
const ADD_THREADS = `
  sums[localIndex] = sum;
  for (var others = ${THREADS / 2}u; others > 0u; others /= 2u) {
    workgroupBarrier();
    if (localIndex < others) { sums[localIndex] += sums[localIndex + others]; }
  }`;

const squares = /* @__PURE__ */ defineKernel({
  name: 'gradientNorm.squares',
  buffers: { gradients: reads('vec4f'), partials: writes('f32') },
  /** `first`: where among all partial sums those of these gradients begin. */
  uniforms: { size: 'u32', first: 'u32', workgroups: 'u32' },
  divisible: true,
  body: () => `
var<workgroup> sums: array<f32, ${THREADS}>;
${workgroupEntry(
  THREADS,
  `
  var sum = 0.0;
  for (var i = workgroupIndex * ${THREADS}u + localIndex; i < u.size; i += u.workgroups * ${THREADS}u) {
    sum += dot(gradients[i], gradients[i]);
  }
${ADD_THREADS}
  if (localIndex == 0u && workgroupIndex < u.workgroups) { partials[u.first + workgroupIndex] = sums[0]; }`,
)}`,
});

const root = /* @__PURE__ */ defineKernel({
  name: 'gradientNorm.root',
  buffers: { partials: reads('f32'), norm: writes('f32') },
  uniforms: { count: 'u32' },
  body: () => `
var<workgroup> sums: array<f32, ${THREADS}>;
${workgroupEntry(
  THREADS,
  `
  var sum = 0.0;
  for (var i = localIndex; i < u.count; i += ${THREADS}u) { sum += partials[i]; }
${ADD_THREADS}
  if (localIndex == 0u) { norm[0] = sqrt(sums[0]); }`,
)}`,
});

const scale = /* @__PURE__ */ defineKernel({
  name: 'gradientNorm.scale',
  buffers: { gradients: writes('vec4f'), norm: reads('f32') },
  uniforms: { size: 'u32', limit: 'f32' },
  divisible: true,
  body: () =>
    threadEntry(`
  if (thread >= u.size) { return; }
  let total = norm[0];
  let lost = (bitcast<u32>(total) & 0x7f800000u) == 0x7f800000u;
  let gradient = gradients[thread];
  let isZero = (bitcast<vec4u>(gradient) & vec4u(0x7fffffffu)) == vec4u();
  let scaled = gradient * min(1.0, u.limit / (total + 1e-6));
  gradients[thread] = bitcast<vec4f>(select(bitcast<vec4u>(scaled), vec4u(0x7fc00000u), vec4<bool>(lost) & !isZero));`),
});

/** How many partial sums {@link squaresPlan} makes of `count` numbers. */
export function partialsOf(count: number): number {
  return Math.min(MOST_WORKGROUPS, ceilDivide(count, CHANNEL_BLOCK * THREADS * BLOCKS_PER_THREAD));
}

/** Sums the squares of `count` numbers in a row into {@link partialsOf} partial sums, the first of them at `first`. */
export function squaresPlan(count: number, first: number): KernelPlan<BuffersOf<'gradients' | 'partials'>> {
  checkIndexable(count, 'the norm of gradients');
  const workgroups = partialsOf(count);
  const size = ceilDivide(count, CHANNEL_BLOCK);
  return squares({}, { size, first, workgroups }, workgroupGrid(workgroups, THREADS));
}

/** The root of the sum of `count` partial sums. */
export function normPlan(count: number): KernelPlan<BuffersOf<'partials' | 'norm'>> {
  return root({}, { count }, [1, 1, 1]);
}

/** Scales `count` numbers in a row in place, given the norm of all. */
export function clipPlan(count: number, limit: number): KernelPlan<BuffersOf<'gradients' | 'norm'>> {
  const size = ceilDivide(count, CHANNEL_BLOCK);
  return scale({}, { size, limit }, threadGrid(size));
}
