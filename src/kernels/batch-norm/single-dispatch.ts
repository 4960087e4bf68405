/**
 * @file Batch norm by the batch's statistics in one dispatch, forward or backward, for maps of few pixels.
 *
 * A workgroup takes whole columns: all pixels of a few neighbouring channel blocks. Its rows of threads share the
 * pixels, add up their sums in workgroup memory, and go over the pixels a second time, which are in a cache by then.
 * The formulas are those of the passes one by one (statistics.ts, backward.ts), whose statistics buffer this writes and
 * reads too. With many pixels there are too few workgroups to fill a GPU, and the passes one by one are faster.
 */

import { channelBlocks } from '../../shape/layout.ts';
import { ceilDivide } from '../../shape/shape.ts';
import { reads, writes } from '../buffers.ts';
import { RELU } from '../float-bits.ts';
import { WORKGROUP, workgroupEntry, workgroupGrid } from '../grid.ts';
import { defineKernel } from '../kernel.ts';
import { uniformsOf } from '../uniforms.ts';
import { writeOutput } from './apply.ts';
import {
  batchNormBackwardReadsOutput,
  CHANNEL_VALUES,
  COEFFICIENTS,
  INPUT_GRADIENT,
  IS_BLOCKED,
  SUMS,
  sumsUniforms,
  sumsValues,
  upstream,
  WRITE_PARAMETER_GRADIENTS,
} from './backward.ts';
import { type BatchNormFusion, type BatchNormSize, PER_CHANNEL, WORKGROUP_SUMS } from './channel-sums.ts';
import {
  BATCH_STATISTICS,
  batchStatisticsUniforms,
  batchStatisticsValues,
  type RunningStatisticsOptions,
} from './statistics.ts';

const MOST_PIXELS = 2048;
/** Blocks of a workgroup: neighbours read a whole cache line. */
const FEWEST_COLUMNS = 4;
/** Rows of threads are worth their sums where each has some pixels. */
const PIXELS_PER_ROW = 4;

/** Whether a map has so few pixels that one dispatch is best. */
export function fitsBatchNormSingleDispatch({ pixels }: BatchNormSize): boolean {
  return pixels <= MOST_PIXELS;
}

/** Channel blocks of a workgroup, a power of 2. */
function columnsOf(pixels: number): number {
  let columns = FEWEST_COLUMNS;
  while (columns < WORKGROUP && (WORKGROUP / columns) * PIXELS_PER_ROW > pixels) columns *= 2;
  return columns;
}

const columnUniforms = uniformsOf('u32', 'pixels', 'channels', 'blocks', 'columns');

function columnValues({ pixels, channels }: BatchNormSize): Record<keyof typeof columnUniforms, number> {
  return { pixels, channels, blocks: channelBlocks(channels), columns: columnsOf(pixels) };
}

function columnGrid({ pixels, channels }: BatchNormSize): readonly [number, number, number] {
  return workgroupGrid(ceilDivide(channelBlocks(channels), columnsOf(pixels)), WORKGROUP);
}

/**
 * The entry point. `setup` sees `block`; `add` adds the element at `i` to the vectors `first` and `second`; `finish` sees
 * their sums over the column; `once` is run by one thread of a column; `visit` is run for each element `i` at the end.
 */
function columnEntry(parts: Readonly<Record<'setup' | 'add' | 'finish' | 'once' | 'visit', string>>): string {
  return workgroupEntry(
    WORKGROUP,
    `
  let column = localIndex % u.columns;
  let row = localIndex / u.columns;
  let block = workgroupIndex * u.columns + column;
  let step = ${WORKGROUP}u / u.columns * u.blocks;
  let start = row * u.blocks + block;
  let end = select(0u, u.pixels * u.blocks, block < u.blocks);
${parts.setup}
  var first = vec4f();
  var second = vec4f();
  for (var i = start; i < end; i += step) { ${parts.add} }
  firsts[localIndex] = first;
  seconds[localIndex] = second;
  workgroupBarrier();
  if (block >= u.blocks) { return; }
  first = vec4f();
  second = vec4f();
  for (var other = column; other < ${WORKGROUP}u; other += u.columns) {
    first += firsts[other];
    second += seconds[other];
  }
${parts.finish}
  if (row == 0u) {
${parts.once}
  }
  for (var i = start; i < end; i += step) { ${parts.visit} }`,
  );
}

const forward = defineKernel({
  name: 'batchNorm.forward.singleDispatch',
  buffers: ({ residual }: { residual: boolean; relu: boolean }) => ({
    x: reads('vec4f'),
    gamma: reads('vec4f'),
    beta: reads('vec4f'),
    runningMean: writes('vec4f'),
    runningVariance: writes('vec4f'),
    statistics: writes('vec4f'),
    ...(residual && { residual: reads('vec4f') }),
    y: writes('vec4f'),
  }),
  uniforms: { ...columnUniforms, ...batchStatisticsUniforms },
  divisible: true,
  uses: [RELU, BATCH_STATISTICS, WORKGROUP_SUMS],
  body: (fusion) =>
    columnEntry({
      setup: '  let k = x[block];',
      add: 'let d = x[i] - k; first += d; second = fma(d, d, second);',
      finish: `
  let moments = momentsOf(k, first, second);
  let normalization = batchNormalization(block, moments);
  let scale = normalization.scale;
  let shift = normalization.shift;`,
      once: `
    writeStatistics(block, normalization);
    moveRunningStatistics(block, moments);`,
      visit: writeOutput(fusion),
    }),
});

/**
 * The batch's statistics and y from x; moves the running statistics (see `batchNormBatchStatisticsPlan`).
 */
export function batchNormSingleForwardPlan(
  size: BatchNormSize,
  { residual, relu }: BatchNormFusion,
  epsilon: number,
  running: RunningStatisticsOptions,
) {
  const uniforms = Object.assign(columnValues(size), batchStatisticsValues(size, epsilon, running));
  return forward({ residual, relu }, uniforms, columnGrid(size));
}

const backward = defineKernel({
  name: 'batchNorm.backward.singleDispatch',
  buffers: (variant: { residual: boolean; relu: boolean; dresidual: boolean }) => ({
    dy: reads('vec4f'),
    x: reads('vec4f'),
    statistics: reads('vec4f'),
    ...(batchNormBackwardReadsOutput(variant) && { y: reads('vec4f') }),
    dgamma: writes('vec4f'),
    dbeta: writes('vec4f'),
    dx: writes('vec4f'),
    ...(variant.dresidual && { dresidual: writes('vec4f') }),
  }),
  uniforms: { ...columnUniforms, ...sumsUniforms },
  divisible: true,
  uses: [IS_BLOCKED, PER_CHANNEL, WORKGROUP_SUMS],
  body: ({ dresidual, ...fusion }) =>
    columnEntry({
      setup: CHANNEL_VALUES,
      add: `let value = x[i]; let dp = ${upstream(fusion)}; first += dp; second = fma(dp, value - mean, second);`,
      finish: SUMS + COEFFICIENTS,
      once: WRITE_PARAMETER_GRADIENTS,
      visit: `let value = x[i];
      let dp = ${upstream(fusion)};
      dx[i] = ${INPUT_GRADIENT};
      ${dresidual ? 'dresidual[i] = dp;' : ''}`,
    }),
});

/**
 * All gradients, the forward pass having used the batch's statistics; elements of dγ and dβ beyond the last channel become
 * zero. y is given where `batchNormBackwardReadsOutput`.
 */
export function batchNormSingleBackwardPlan(
  size: BatchNormSize,
  { residual, relu }: BatchNormFusion,
  residualInput: boolean,
) {
  const uniforms = Object.assign(columnValues(size), sumsValues(size, 'batch'));
  return backward({ residual, relu, dresidual: residualInput }, uniforms, columnGrid(size));
}
