/**
 * @file Batch norm's forward pass over the pixels: `y = relu(x·scale + shift + residual)`, each of the last two
 * steps where it is fused.
 *
 * Pad lanes stay zero, because x, the residual and shift are zero there. ReLU passes NaN on.
 */

import { CHANNEL_BLOCK, channelBlocks } from '../../shape/layout.ts';
import { ceilDivide, checkIndexable } from '../../shape/shape.ts';
import { reads, writes } from '../buffers.ts';
import { RELU } from '../float-bits.ts';
import { threadEntry, threadGrid, unroll } from '../grid.ts';
import { defineKernel } from '../kernel.ts';
import { uniformsOf } from '../uniforms.ts';
import type { BatchNormFusion, BatchNormSize } from './channel-sums.ts';

/** Pixels of a thread, which share its per-channel loads. */
const PIXELS = 4;

/** The uniforms of a pass over the pixels. */
export const pixelUniforms = uniformsOf('u32', 'size', 'blocks', 'threads');

/** Their values: elements are counted in blocks. */
export function pixelValues({ pixels, channels }: BatchNormSize): Record<keyof typeof pixelUniforms, number> {
  const blocks = channelBlocks(channels);
  checkIndexable(pixels * blocks * CHANNEL_BLOCK, 'the map of a batch norm');
  return { size: pixels * blocks, blocks, threads: ceilDivide(pixels, PIXELS) * blocks };
}

/** The grid of a pass over the pixels. */
export function pixelGrid(size: BatchNormSize): readonly [number, number, number] {
  return threadGrid(pixelValues(size).threads);
}

/**
 * The entry point of a pass over the pixels: a thread visits pixels of one channel block, neighbouring threads
 * neighbouring memory. `setup` sees `block`; `visit` sees the index `i` of an element.
 */
export function pixelEntry(setup: string, visit: string): string {
  return threadEntry(`
  if (thread >= u.threads) { return; }
  let block = thread % u.blocks;
${setup}
${unroll(PIXELS, (pixel) => `{ let i = thread + ${pixel}u * u.threads; if (i < u.size) { ${visit} } }`)}`);
}

/** WGSL that writes y at index `i`. The kernel uses {@link RELU}. */
export function writeOutput({ residual, relu }: BatchNormFusion): string {
  const value = `fma(x[i], scale, shift)${residual ? ' + residual[i]' : ''}`;
  return `y[i] = ${relu ? `relu(${value})` : value};`;
}

const apply = defineKernel({
  name: 'batchNorm.forward.apply',
  buffers: ({ residual }: { residual: boolean; relu: boolean }) => ({
    x: reads('vec4f'),
    statistics: reads('vec4f'),
    ...(residual && { residual: reads('vec4f') }),
    y: writes('vec4f'),
  }),
  uniforms: pixelUniforms,
  divisible: true,
  uses: [RELU],
  body: (fusion) =>
    pixelEntry(
      '  let scale = statistics[2u * u.blocks + block]; let shift = statistics[3u * u.blocks + block];',
      writeOutput(fusion),
    ),
});

/** y from x and the statistics. */
export function batchNormApplyPlan(size: BatchNormSize, { residual, relu }: BatchNormFusion) {
  return apply({ residual, relu }, pixelValues(size), pixelGrid(size));
}
