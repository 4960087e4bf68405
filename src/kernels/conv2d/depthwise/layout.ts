/**
 * @file Convolutions in which four output channels depend on four input channels: depthwise ones (a channel on itself)
 * and those with groups of four. There is little to compute on a value once it is loaded, so that loads are what counts:
 * a thread holds the whole filter of its four channels in registers and walks down a strip of the image (sweep.ts).
 * All three passes; formulas as in the plain kernels.
 */

import type { Conv2dGeometry } from '../../../shape/conv2d.ts';
import { CHANNEL_BLOCK, channelBlocks } from '../../../shape/layout.ts';
import { ceilDivide } from '../../../shape/shape.ts';
import { unroll } from '../../grid.ts';
import type { KernelTarget } from '../../plan.ts';
import { uniformsOf } from '../../uniforms.ts';
import { extents, extentTypes, type WindowConstants, windowConstants } from '../window.ts';
import { type Direction, distinct, type Sweep, stripsOf, sweepOf } from './sweep.ts';

/** The constants of these kernels. */
export interface Variant extends WindowConstants {
  readonly depthwise: boolean;
  /** Units of columns per strip. */
  readonly units: number;
}

/** Loads per step: a software adapter's loads are long code, and code that exceeds the instruction cache takes twice the time. */
const MOST_LOADS = 6;
/** vec4 products per step, and vec4 sums in progress: what compiles fast and fits into registers. */
const MOST_PRODUCTS = 256;
const MOST_SUMS = 32;
/** Threads that keep an adapter busy. */
const ENOUGH_THREADS = { software: 512, hardware: 16384 };

/** What strips depend on. */
export type DepthwiseTarget = Pick<KernelTarget, 'software'>;

/** Whether these kernels serve the convolution: by its channels, and by its window being small enough to be unrolled. */
export function depthwiseFits(g: Conv2dGeometry): boolean {
  const { groups, inChannels, outChannels } = g;
  if (inChannels !== outChannels || (groups !== inChannels && groups * CHANNEL_BLOCK !== inChannels))
    return false;
  return (['forward', 'backward'] as const).every((direction) =>
    stepFits(sweepOf(g, direction, 1), isDepthwise(g)),
  );
}

function isDepthwise({ groups, inChannels }: Conv2dGeometry): boolean {
  return groups === inChannels;
}

function stepFits({ rows, columns, target, units }: Sweep, depthwise: boolean): boolean {
  const products = rows.links.length * columns.length * (depthwise ? 1 : CHANNEL_BLOCK);
  const sums = (rows.span + 1) * target.y * units * target.x;
  return products <= MOST_PRODUCTS && sums <= MOST_SUMS;
}

/** Loads of a step in the direction of the sweep. */
function loadsPerStep({ rows, columns }: Sweep): number {
  return (
    distinct(rows.links.map(({ source }) => source)).length *
    distinct(columns.map(({ source }) => source)).length
  );
}

/** The widest strips whose steps fit, as long as a row is not cut into uneven ones; `ownLoads` per unit come in addition. */
function chooseSweep(g: Conv2dGeometry, direction: Direction, width: number, ownLoads: number): Sweep {
  const fits = (sweep: Sweep) =>
    stepFits(sweep, isDepthwise(g)) && loadsPerStep(sweep) + ownLoads * sweep.units <= MOST_LOADS;
  let most = 1;
  while (most < width && fits(sweepOf(g, direction, most + 1))) most++;
  return sweepOf(g, direction, ceilDivide(width, ceilDivide(width, most)));
}

/** The uniforms of all passes: extents, and how strips lie. */
export const uniformTypes = {
  ...extentTypes,
  ...uniformsOf('u32', 'outChannels', 'across', 'down', 'rows', 'parts', 'stripsPerPart'),
};

/** What the plan of every pass consists of. */
export function layOut(
  g: Conv2dGeometry,
  direction: Direction,
  { software }: DepthwiseTarget,
  ownLoads: number,
) {
  const [height, width] = direction === 'forward' ? [g.outHeight, g.outWidth] : [g.inHeight, g.inWidth];
  const [unitY, unitX] = direction === 'forward' ? [1, 1] : [g.strideY, g.strideX];
  const unitsX = ceilDivide(width, unitX);
  const sweep = chooseSweep(g, direction, unitsX, ownLoads);
  const blocks = channelBlocks(g.inChannels);
  const threads = ENOUGH_THREADS[software ? 'software' : 'hardware'];
  const { across, down, rows } = stripsOf(
    sweep,
    ceilDivide(height, unitY),
    unitsX,
    g.batch * blocks,
    threads,
  );
  const strips = g.batch * across * down;
  const parts = Math.min(strips, ceilDivide(threads, blocks));
  const stripsPerPart = ceilDivide(strips, parts);
  const variant: Variant = { ...windowConstants(g), depthwise: isDepthwise(g), units: sweep.units };
  const sizes = { ...extents(g), groupInBlocks: 0, groupOutBlocks: 0, outChannels: g.outChannels };
  return {
    variant,
    strips,
    blocks,
    uniforms: { ...sizes, across, down, rows, parts: ceilDivide(strips, stripsPerPart), stripsPerPart },
  };
}

/** A side of the convolution, in WGSL: the buffer and its extents. */
export interface Side {
  readonly name: string;
  readonly height: string;
  readonly width: string;
}

export const X: Side = { name: 'x', height: 'u.inHeight', width: 'u.inWidth' };
export const Y: Side = { name: 'y', height: 'u.outHeight', width: 'u.outWidth' };

/** WGSL: where strip number `strip` lies: `image`, its first unit of rows and of columns. */
export const STRIP = (units: number) => `let unitX = strip % u.across * ${units}u;
  let firstRow = i32(strip / u.across % u.down * u.rows);
  let lastRow = firstRow + i32(u.rows);
  let image = strip / (u.across * u.down);`;

/** WGSL: the columns of a side that `offsets` lead to, `{prefix}{i}`, and whether the image has them. */
export function declareColumns(
  prefix: string,
  { width }: Side,
  unit: number,
  offsets: readonly number[],
): string {
  return unroll(
    offsets.length,
    (i) => `let ${prefix}${i} = u32(i32(unitX * ${unit}u) + ${offsets[i]});
  let ${prefix}Inside${i} = ${prefix}${i} < ${width};`,
  );
}

/** WGSL: the value of a side at its column number `i`, zero outside; `row` is its `{prefix}Row`. */
export function loadPixel(prefix: string, { name }: Side, i: number): string {
  const inside = `${prefix}InRow && ${prefix}Inside${i}`;
  return `select(vec4f(), ${name}[select(0u, (${prefix}Start + ${prefix}${i}) * u.inBlocks + block, ${inside})], ${inside})`;
}

/** WGSL: what {@link loadPixel} needs about row `row`. */
export function openRow(prefix: string, { height, width }: Side, row: string, exists = 'true'): string {
  return `let ${prefix}Row = u32(${row});
    let ${prefix}InRow = ${prefix}Row < ${height} && ${exists};
    let ${prefix}Start = (image * ${height} + ${prefix}Row) * ${width};`;
}
