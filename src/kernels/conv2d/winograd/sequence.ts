/**
 * @file Winograd's F(2×2, 3×3): a 3×3 convolution of stride 1 with 16 products for four outputs instead of 36.
 *
 *     Y = Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A
 *
 * A. Lavin and S. Gray, "Fast algorithms for convolutional neural networks", CVPR 2016. Outputs are taken in tiles of
 * 2×2, each from a patch d of 4×4 inputs. The sums over channels are 16 products of matrices, one for each place in
 * the transformed patch. The gradient with respect to the input is the same convolution with the filter turned by 180° and its
 * channels exchanged. Results differ from the direct kernels' by rounding; see bench/NOTES.md for how much.
 */

import type { Conv2dGeometry } from '../../../shape/conv2d.ts';
import { channelBlocks } from '../../../shape/layout.ts';
import { ceilDivide, checkIndexable } from '../../../shape/shape.ts';
import { threadGrid } from '../../grid.ts';
import { type KernelSequence, sequenceOf } from '../../sequence.ts';
import type { BackwardInputBuffers, ForwardBuffers } from '../buffers.ts';
import type { Epilogue } from '../epilogue.ts';
import { ROWS } from '../subgroup/tile.ts';
import { multiply, transformInput, transformOutput, transformWeight } from './kernels.ts';

/** Places in a transformed patch. */
export const PLACES = 16;

/** Of each scratch buffer between the dispatches: larger ones are avoided by doing fewer images at a time. */
const MOST_SCRATCH_BYTES = 64 * 2 ** 20;

/** What the transforms see: `from` is read, `to` is written, `from` begins `pad` pixels after the first patch. */
interface Correlation {
  readonly batch: number;
  readonly from: { readonly channels: number; readonly height: number; readonly width: number };
  readonly to: { readonly channels: number; readonly height: number; readonly width: number };
  readonly padTop: number;
  readonly padLeft: number;
  readonly turned: boolean;
}

const NO_EPILOGUE: Epilogue = { bias: false, norm: false, residual: false, relu: false };

/** Forward, by subgroups of `lanes`. The epilogue is that of the other forward kernels. */
export function winogradForwardSequence(
  g: Conv2dGeometry,
  lanes: number,
  epilogue: Epilogue,
): KernelSequence<ForwardBuffers> {
  return sequence(forwardCorrelation(g), lanes, epilogue, { x: 'x', y: 'y' });
}

/** The gradient with respect to the input, by subgroups of `lanes`. */
export function winogradBackwardInputSequence(
  g: Conv2dGeometry,
  lanes: number,
): KernelSequence<BackwardInputBuffers> {
  return sequence(backwardInputCorrelation(g), lanes, NO_EPILOGUE, { x: 'dy', y: 'dx' });
}

/** How many images at a time keep the scratch buffers at {@link MOST_SCRATCH_BYTES}. */
export function winogradImages(pass: 'forward' | 'backwardInput', g: Conv2dGeometry): number {
  const one = { ...g, batch: 1 };
  const { patches, products } = scratchOf(
    pass === 'forward' ? forwardCorrelation(one) : backwardInputCorrelation(one),
  );
  return Math.max(1, Math.floor(MOST_SCRATCH_BYTES / 4 / Math.max(patches, products)));
}

function forwardCorrelation({ batch, padTop, padLeft, ...g }: Conv2dGeometry): Correlation {
  const from = { channels: g.inChannels, height: g.inHeight, width: g.inWidth };
  const to = { channels: g.outChannels, height: g.outHeight, width: g.outWidth };
  return { batch, from, to, padTop, padLeft, turned: false };
}

function backwardInputCorrelation(g: Conv2dGeometry): Correlation {
  const { from: to, to: from } = forwardCorrelation(g);
  return { batch: g.batch, from, to, padTop: 2 - g.padTop, padLeft: 2 - g.padLeft, turned: true };
}

function gridOf({ batch, to }: Correlation) {
  const tilesY = ceilDivide(to.height, 2);
  const tilesX = ceilDivide(to.width, 2);
  return { tiles: batch * tilesY * tilesX, tilesY, tilesX };
}

function scratchOf(map: Correlation) {
  const [inBlocks, outBlocks] = [channelBlocks(map.from.channels), channelBlocks(map.to.channels)];
  const { tiles } = gridOf(map);
  return {
    transformedWeight: PLACES * inBlocks * 4 * outBlocks * 4,
    patches: PLACES * tiles * inBlocks * 4,
    products: PLACES * tiles * outBlocks * 4,
  };
}

function sequence<B>(
  map: Correlation,
  lanes: number,
  epilogue: Epilogue,
  { x, y }: { readonly x: string; readonly y: string },
): KernelSequence<B> {
  const { from, to, padTop, padLeft, turned } = map;
  const [inBlocks, outBlocks] = [channelBlocks(from.channels), channelBlocks(to.channels)];
  const grid = gridOf(map);
  const { tiles } = grid;
  const scratch = scratchOf(map);
  for (const size of Object.values(scratch)) checkIndexable(size, "a buffer of Winograd's convolution");
  const columnTiles = ceilDivide(outBlocks, lanes);
  const weightPlan = transformWeight(
    { turned },
    { inBlocks, outBlocks },
    threadGrid(inBlocks * 4 * outBlocks),
  );
  const inputPlan = transformInput(
    { padTop, padLeft },
    { ...grid, inHeight: from.height, inWidth: from.width, inBlocks },
    threadGrid(tiles * inBlocks),
  );
  const productPlan = multiply(
    { lanes },
    { tiles, columnTiles, inBlocks, outBlocks },
    [columnTiles, ceilDivide(tiles, ROWS), PLACES],
    PLACES * tiles * from.channels * to.channels,
  );
  const outputPlan = transformOutput(
    { ...epilogue },
    { ...grid, outHeight: to.height, outWidth: to.width, outChannels: to.channels, outBlocks },
    threadGrid(tiles * outBlocks),
  );
  return sequenceOf(
    scratch,
    [
      { plan: inputPlan, rename: { x, transformed: 'patches' } },
      { plan: productPlan, rename: { weight: 'transformedWeight' }, frees: 'patches' },
      { plan: outputPlan, rename: { y } },
    ],
    [{ plan: weightPlan, rename: { transformed: 'transformedWeight' } }],
  );
}
