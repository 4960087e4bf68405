/**
 * @file Sums over all pixels for each channel, in two passes, as batch norm takes them forward and backward.
 *
 * Pass 1: thread (stripe, block) sums two quantities over every `stripes`-th pixel of one channel block. Its
 * element i of the map is `thread + i·stripes·blocks`, so that neighbours always read neighbouring memory.
 * Pass 2: a few threads per channel block add up the stripes' partial sums, laid out as `[stripes][2][Cp]`.
 */

import { CHANNEL_BLOCK, channelBlocks } from '../../shape/layout.ts';
import { ceilDivide, checkIndexable } from '../../shape/shape.ts';
import { threadEntry, threadGrid, unroll, WORKGROUP, workgroupEntry, workgroupGrid } from '../grid.ts';
import { uniformsOf } from '../uniforms.ts';
import { piece } from '../wgsl.ts';

/** The map that is normalized, `[N, C, H, W]` channels-last: its `N·H·W` pixels and its `C` channels. */
export interface BatchNormSize {
  readonly pixels: number;
  readonly channels: number;
}

/** What follows the normalization in the same pass: `relu(normalized + residual)`. */
export interface BatchNormFusion {
  readonly residual: boolean;
  readonly relu: boolean;
}

/** Pixels of a thread of pass 1, where the map is not too large for it. */
const PIXELS_PER_THREAD = 32;
/** Enough threads to fill any device; beyond that, each has more pixels. */
const MOST_THREADS = 32768;
/** A thread of pass 2 adds up at most 64 partial sums. */
const MOST_STRIPES = 1024;

/** Channel blocks of a workgroup of pass 2, and threads that share one block. */
const BLOCKS = 4;
const THREADS_PER_BLOCK = WORKGROUP / BLOCKS;

/** Into how many stripes the pixels are divided. */
export function stripeCount({ pixels, channels }: BatchNormSize): number {
  const most = Math.min(MOST_STRIPES, Math.max(1, Math.floor(MOST_THREADS / channelBlocks(channels))));
  return Math.min(ceilDivide(pixels, PIXELS_PER_THREAD), most);
}

/** Floats of the buffer of partial sums, `[stripes][2][Cp]`. */
export function batchNormPartialsSize(channels: number, stripes: number): number {
  return stripes * 2 * channelBlocks(channels) * CHANNEL_BLOCK;
}

/** The uniforms of both passes. */
export const stripeUniforms = uniformsOf('u32', 'pixels', 'channels', 'blocks', 'stripes', 'firstStripe');

/**
 * Their values. Where a map is taken in parts, pass 1 runs once per part, with that part's size and `firstStripe`
 * stripes before it, and pass 2 adds up all `stripes`.
 */
export function stripeValues(
  size: BatchNormSize,
  { firstStripe = 0, stripes = stripeCount(size) }: { firstStripe?: number; stripes?: number } = {},
): Record<keyof typeof stripeUniforms, number> {
  const { pixels, channels } = size;
  const blocks = channelBlocks(channels);
  checkIndexable(pixels * blocks * CHANNEL_BLOCK, 'the map of a batch norm');
  return { pixels, channels, blocks, stripes, firstStripe };
}

/** The grid of pass 1: `stripes × blocks` threads. */
export function stripeGrid(size: BatchNormSize): readonly [number, number, number] {
  return threadGrid(stripeCount(size) * channelBlocks(size.channels));
}

/**
 * The entry point of pass 1, which writes `partials`. `setup` sees `block`; `add` adds the element at an index of
 * the map to the vectors `first` and `second`.
 */
export function stripeEntry(setup: string, add: (index: string) => string): string {
  const unrolled = 4;
  return threadEntry(`
  let step = u.stripes * u.blocks;
  if (thread >= step) { return; }
  let stripe = thread / u.blocks;
  let block = thread - stripe * u.blocks;
  let end = u.pixels * u.blocks;
  var first = vec4f();
  var second = vec4f();
${setup}
  var i = thread;
  for (; i + ${unrolled - 1}u * step < end; i += ${unrolled}u * step) {
${unroll(unrolled, (j) => add(`i + ${j}u * step`))}
  }
  for (; i < end; i += step) {
${add('i')}
  }
  let row = 2u * (u.firstStripe + stripe);
  partials[row * u.blocks + block] = first;
  partials[(row + 1u) * u.blocks + block] = second;`);
}

/** The grid of pass 2. */
export function sumsGrid(size: BatchNormSize): readonly [number, number, number] {
  return workgroupGrid(ceilDivide(channelBlocks(size.channels), BLOCKS), WORKGROUP);
}

/**
 * The entry point of pass 2. `finish`, run once per channel block, sees `block` and the sums `first` and `second`. The kernel
 * uses {@link WORKGROUP_SUMS}.
 */
export function sumsEntry(finish: string): string {
  return workgroupEntry(
    WORKGROUP,
    `
  let block = workgroupIndex * ${BLOCKS}u + localIndex % ${BLOCKS}u;
  var first = vec4f();
  var second = vec4f();
  if (block < u.blocks) {
    for (var stripe = localIndex / ${BLOCKS}u; stripe < u.stripes; stripe += ${THREADS_PER_BLOCK}u) {
      first += partials[2u * stripe * u.blocks + block];
      second += partials[(2u * stripe + 1u) * u.blocks + block];
    }
  }
  firsts[localIndex] = first;
  seconds[localIndex] = second;
  workgroupBarrier();
  if (localIndex >= ${BLOCKS}u || block >= u.blocks) { return; }
  for (var i = localIndex + ${BLOCKS}u; i < ${WORKGROUP}u; i += ${BLOCKS}u) {
    first += firsts[i];
    second += seconds[i];
  }
${finish}`,
  );
}

/** WGSL: workgroup memory for two sums of every thread. */
export const WORKGROUP_SUMS = /* @__PURE__ */ piece(`
var<workgroup> firsts: array<vec4f, ${WORKGROUP}>;
var<workgroup> seconds: array<vec4f, ${WORKGROUP}>;`);

/** WGSL: a channel block of a row-major tensor `[C]` with zeros beyond the last channel, where it may hold anything. */
export const PER_CHANNEL = /* @__PURE__ */ piece(`
fn perChannel(block: u32, value: vec4f) -> vec4f {
  return select(vec4f(), value, ${CHANNEL_BLOCK}u * block + vec4u(0u, 1u, 2u, 3u) < vec4u(u.channels));
}`);
