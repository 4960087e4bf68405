/**
 * @file Sums over all pixels for each channel, in two passes, as batch norm takes them forward and backward.
 *
 * Pass 1: thread (stripe, quad) sums two quantities over every `stripes`-th pixel of one quad of channels. Its
 * element i of the map is `thread + i·stripes·quads`, so that neighbours always read neighbouring memory.
 * Pass 2: a few lanes a quad add up the stripes' partial sums, laid out as `[stripes][2][Cp]`.
 */

import { channelQuads, LANES } from '../../shape/layout.ts';
import { ceilDivide, checkIndexable } from '../../shape/shape.ts';
import { threadEntry, threadGrid, unroll, WORKGROUP, workgroupEntry, workgroupGrid } from '../grid.ts';

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
/** A lane of pass 2 adds up at most 64 partial sums. */
const MOST_STRIPES = 1024;

/** Quads of channels of a workgroup of pass 2, and lanes that share one quad. */
const QUADS = 4;
const LANES_PER_QUAD = WORKGROUP / QUADS;

/** Into how many stripes the pixels are divided. */
export function stripeCount({ pixels, channels }: BatchNormSize): number {
  const most = Math.min(MOST_STRIPES, Math.max(1, Math.floor(MOST_THREADS / channelQuads(channels))));
  return Math.min(ceilDivide(pixels, PIXELS_PER_THREAD), most);
}

/** Floats of the buffer of partial sums, `[stripes][2][Cp]`. */
export function batchNormPartialsSize(channels: number, stripes: number): number {
  return stripes * 2 * channelQuads(channels) * LANES;
}

/** The uniforms of both passes. */
export const stripeUniforms = {
  pixels: 'u32',
  channels: 'u32',
  quads: 'u32',
  stripes: 'u32',
  firstStripe: 'u32',
} as const;

/**
 * Their values. Where a map is taken in parts, pass 1 runs once a part, with that part's size and `firstStripe`
 * stripes before it, and pass 2 adds up all `stripes`.
 */
export function stripeValues(
  size: BatchNormSize,
  { firstStripe = 0, stripes = stripeCount(size) }: { firstStripe?: number; stripes?: number } = {},
): Record<keyof typeof stripeUniforms, number> {
  const { pixels, channels } = size;
  const quads = channelQuads(channels);
  checkIndexable(pixels * quads * LANES, 'the map of a batch norm');
  return { pixels, channels, quads, stripes, firstStripe };
}

/** The grid of pass 1: `stripes × quads` threads. */
export function stripeGrid(size: BatchNormSize): readonly [number, number, number] {
  return threadGrid(stripeCount(size) * channelQuads(size.channels));
}

/**
 * The entry point of pass 1, which writes `partials`. `setup` sees `quad`; `add` adds the element at an index of
 * the map to the vectors `first` and `second`.
 */
export function stripeEntry(setup: string, add: (index: string) => string): string {
  const unrolled = 4;
  return threadEntry(`
  let step = u.stripes * u.quads;
  if (thread >= step) { return; }
  let stripe = thread / u.quads;
  let quad = thread - stripe * u.quads;
  let end = u.pixels * u.quads;
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
  partials[row * u.quads + quad] = first;
  partials[(row + 1u) * u.quads + quad] = second;`);
}

/** The grid of pass 2. */
export function sumsGrid(size: BatchNormSize): readonly [number, number, number] {
  return workgroupGrid(ceilDivide(channelQuads(size.channels), QUADS), WORKGROUP);
}

/** The entry point of pass 2. `finish`, run once a quad, sees `quad` and the sums `first` and `second`. */
export function sumsEntry(finish: string): string {
  return (
    declareShared(WORKGROUP) +
    workgroupEntry(
      WORKGROUP,
      `
  let quad = workgroupIndex * ${QUADS}u + lane % ${QUADS}u;
  var first = vec4f();
  var second = vec4f();
  if (quad < u.quads) {
    for (var stripe = lane / ${QUADS}u; stripe < u.stripes; stripe += ${LANES_PER_QUAD}u) {
      first += partials[2u * stripe * u.quads + quad];
      second += partials[(2u * stripe + 1u) * u.quads + quad];
    }
  }
  firsts[lane] = first;
  seconds[lane] = second;
  workgroupBarrier();
  if (lane >= ${QUADS}u || quad >= u.quads) { return; }
  for (var i = lane + ${QUADS}u; i < ${WORKGROUP}u; i += ${QUADS}u) {
    first += firsts[i];
    second += seconds[i];
  }
${finish}`,
    )
  );
}

/** WGSL: workgroup memory `firsts` and `seconds`, two sums a thread. */
export function declareShared(threads: number): string {
  return `
var<workgroup> firsts: array<vec4f, ${threads}>;
var<workgroup> seconds: array<vec4f, ${threads}>;
`;
}

/**
 * WGSL: a quad of a row-major tensor `[C]` with zero in the lanes beyond the last channel, which may hold anything.
 */
export const PER_CHANNEL = `
fn perChannel(quad: u32, value: vec4f) -> vec4f {
  return select(vec4f(), value, ${LANES}u * quad + vec4u(0u, 1u, 2u, 3u) < vec4u(u.channels));
}`;
