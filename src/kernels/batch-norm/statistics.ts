/**
 * @file Batch norm's statistics: what is known of each channel before any pixel is normalized.
 *
 * All later passes, forward and backward, read one buffer of statistics, `[4][Cp]`:
 *
 *     mean, inv = 1 / √(variance + ε), scale = inv·γ, shift = β − mean·inv·γ
 *
 * In training they are the batch's. Mean and biased variance are taken in one read, from sums of x − k and
 * (x − k)² with k = the channel's first pixel, which loses no digits to a large mean ("shifted data": Chan, Golub
 * and LeVeque, Algorithms for computing the sample variance, The American Statistician 37 (1983)):
 *
 *     mean = k + Σ(x − k)/m,   variance = Σ(x − k)²/m − (Σ(x − k)/m)²
 *
 * In evaluation they are the running ones. NaN in a channel makes its statistics, running ones too, NaN.
 */

import { CHANNEL_BLOCK, channelBlocks } from '../../shape/layout.ts';
import { reads, writes } from '../buffers.ts';
import { IS_NEGATIVE } from '../float-bits.ts';
import { threadEntry, threadGrid } from '../grid.ts';
import { defineKernel } from '../kernel.ts';
import { uniformsOf } from '../uniforms.ts';
import { piece } from '../wgsl.ts';
import {
  type BatchNormSize,
  PER_CHANNEL,
  stripeCount,
  stripeEntry,
  stripeGrid,
  stripeUniforms,
  stripeValues,
  sumsEntry,
  sumsGrid,
  WORKGROUP_SUMS,
} from './channel-sums.ts';

/** How running statistics follow the batches'. */
export interface RunningStatisticsOptions {
  /** The share of the old value that they keep. */
  readonly momentum: number;
  /** Whether variance·m/(m − 1) goes into the running variance, instead of the biased variance. */
  readonly unbiased: boolean;
}

/** Floats of the buffer of statistics, `[4][Cp]`. */
export function batchNormStatisticsSize(channels: number): number {
  return 4 * channelBlocks(channels) * CHANNEL_BLOCK;
}

const partials = defineKernel({
  name: 'batchNorm.forward.partials',
  buffers: { x: reads('vec4f'), origin: reads('vec4f'), partials: writes('vec4f') },
  uniforms: stripeUniforms,
  divisible: true,
  body: () =>
    stripeEntry(
      '  let k = origin[block];',
      (index) => `{ let d = x[${index}] - k; first += d; second = fma(d, d, second); }`,
    ),
});

/**
 * Partial sums of x − k and (x − k)², from stripe `firstStripe` on; k, the origin, is the first pixel of
 * the map.
 */
export function batchNormPartialsPlan(size: BatchNormSize, firstStripe = 0) {
  return partials({}, stripeValues(size, { firstStripe }), stripeGrid(size));
}

/** WGSL: what a channel is normalized by, and the four rows of a channel block. */
const NORMALIZATION = /* @__PURE__ */ piece(
  `
struct Normalization { mean: vec4f, inv: vec4f, scale: vec4f, shift: vec4f }
fn normalizationOf(block: u32, mean: vec4f, variance: vec4f) -> Normalization {
  let inv = inverseSqrt(variance + u.epsilon);
  let scale = inv * perChannel(block, gamma[block]);
  return Normalization(mean, inv, scale, fma(-mean, scale, perChannel(block, beta[block])));
}
fn writeStatistics(block: u32, normalization: Normalization) {
  statistics[block] = normalization.mean;
  statistics[u.blocks + block] = normalization.inv;
  statistics[2u * u.blocks + block] = normalization.scale;
  statistics[3u * u.blocks + block] = normalization.shift;
}`,
  [PER_CHANNEL],
);

/**
 * WGSL: the batch's statistics from the sums of x − k and (x − k)². A single element has nothing to be normalized by:
 * it passes unchanged, and counts for nothing. Reads {@link batchStatisticsUniforms} and `pixels`.
 */
export const BATCH_STATISTICS = /* @__PURE__ */ piece(
  `
struct Moments { mean: vec4f, variance: vec4f }
fn momentsOf(k: vec4f, first: vec4f, second: vec4f) -> Moments {
  let offset = first / f32(u.pixels);
  let difference = second / f32(u.pixels) - offset * offset;
  return Moments(k + offset, select(difference, vec4f(), isNegative(difference)));
}
fn batchNormalization(block: u32, moments: Moments) -> Normalization {
  if (u.pixels == 1u) { return Normalization(moments.mean, vec4f(), vec4f(1), vec4f()); }
  return normalizationOf(block, moments.mean, moments.variance);
}
fn moveRunningStatistics(block: u32, moments: Moments) {
  if (u.pixels == 1u) { return; }
  let share = 1 - u.momentum;
  runningMean[block] = runningMean[block] * u.momentum + moments.mean * share;
  runningVariance[block] = runningVariance[block] * u.momentum + u.varianceFactor * moments.variance * share;
}`,
  [NORMALIZATION, IS_NEGATIVE],
);

/** The uniforms of {@link BATCH_STATISTICS}. */
export const batchStatisticsUniforms = uniformsOf('f32', 'epsilon', 'momentum', 'varianceFactor');

/** Their values. */
export function batchStatisticsValues(
  { pixels }: BatchNormSize,
  epsilon: number,
  { momentum, unbiased }: RunningStatisticsOptions,
): Record<keyof typeof batchStatisticsUniforms, number> {
  return { epsilon, momentum, varianceFactor: unbiased && pixels > 1 ? pixels / (pixels - 1) : 1 };
}

const batchStatistics = defineKernel({
  name: 'batchNorm.forward.statistics',
  buffers: {
    partials: reads('vec4f'),
    origin: reads('vec4f'),
    gamma: reads('vec4f'),
    beta: reads('vec4f'),
    runningMean: writes('vec4f'),
    runningVariance: writes('vec4f'),
    statistics: writes('vec4f'),
  },
  uniforms: { ...stripeUniforms, ...batchStatisticsUniforms },
  divisible: true,
  uses: [BATCH_STATISTICS, WORKGROUP_SUMS],
  body: () =>
    sumsEntry(`
  let moments = momentsOf(origin[block], first, second);
  writeStatistics(block, batchNormalization(block, moments));
  moveRunningStatistics(block, moments);`),
});

/**
 * The batch's statistics from the partial sums of all `stripes`; moves the running ones by
 * `running = running·momentum + batch·(1 − momentum)`.
 * A single pixel has mean x, inv 0, scale 1 and shift 0, whatever γ and β are, and leaves the running ones alone.
 */
export function batchNormBatchStatisticsPlan(
  size: BatchNormSize,
  epsilon: number,
  running: RunningStatisticsOptions,
  stripes = stripeCount(size),
) {
  const uniforms = Object.assign(
    stripeValues(size, { stripes }),
    batchStatisticsValues(size, epsilon, running),
  );
  return batchStatistics({}, uniforms, sumsGrid(size));
}

const runningStatistics = defineKernel({
  name: 'batchNorm.runningStatistics',
  buffers: {
    runningMean: reads('vec4f'),
    runningVariance: reads('vec4f'),
    gamma: reads('vec4f'),
    beta: reads('vec4f'),
    statistics: writes('vec4f'),
  },
  uniforms: { channels: 'u32', blocks: 'u32', epsilon: 'f32' },
  divisible: true,
  uses: [NORMALIZATION],
  body: () =>
    threadEntry(`
  if (thread >= u.blocks) { return; }
  let mean = perChannel(thread, runningMean[thread]);
  writeStatistics(thread, normalizationOf(thread, mean, perChannel(thread, runningVariance[thread])));`),
});

/** The running statistics, as evaluation uses them. */
export function batchNormRunningStatisticsPlan(channels: number, epsilon: number) {
  const blocks = channelBlocks(channels);
  return runningStatistics({}, { channels, blocks, epsilon }, threadGrid(blocks));
}
