/**
 * @file Which convolutions Winograd's tiles serve, and where they are faster than direct kernels.
 */

import type { Conv2dGeometry } from '../../../shape/conv2d.ts';
import { channelBlocks } from '../../../shape/layout.ts';
import { ceilDivide } from '../../../shape/shape.ts';
import { ROWS } from '../subgroup/tile.ts';
import { PLACES } from './sequence.ts';

/** Whether a convolution is one that Winograd's tiles serve. */
export function winogradFits(g: Conv2dGeometry): boolean {
  const { kernelHeight, kernelWidth, strideY, strideX, dilationY, dilationX, groups, padTop, padLeft } = g;
  const ones = [strideY, strideX, dilationY, dilationX, groups].every((value) => value === 1);
  return kernelHeight === 3 && kernelWidth === 3 && ones && padTop <= 2 && padLeft <= 2;
}

/**
 * What the transforms cost on software adapters, in multiply-adds of the product, measured on lavapipe: per patch of an input
 * channel block, per tile of an output channel block, and per channel block of the filter.
 */
const PATCH_COST = 2000;
const TILE_COST = 1250;
const FILTER_COST = 1500;
/** What its three more dispatches cost, in the same unit. */
const DISPATCHES_COST = 6e6;
/** The predicted share of the direct kernel's time below which Winograd's wins in fact. */
const WORTHWHILE = 0.73;
/**
 * Whether Winograd's kernels are likely to be faster on a software adapter than direct ones by subgroups: where there
 * are tiles enough to pay for the transform of the weight, and channels enough to pay for those of the map.
 */
export function winogradPays(g: Conv2dGeometry): boolean {
  if (!winogradFits(g)) return false;
  const wholeRows = (rows: number) => ceilDivide(rows, ROWS) * ROWS;
  const products = g.inChannels * g.outChannels;
  const tiles = g.batch * ceilDivide(g.outHeight, 2) * ceilDivide(g.outWidth, 2);
  const direct = 9 * wholeRows(g.batch * g.outHeight * g.outWidth) * products;
  const transforms =
    tiles * (channelBlocks(g.inChannels) * PATCH_COST + channelBlocks(g.outChannels) * TILE_COST) +
    (products / 4) * FILTER_COST +
    DISPATCHES_COST;
  return PLACES * wholeRows(tiles) * products + transforms < WORTHWHILE * direct;
}
