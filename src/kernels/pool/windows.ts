/**
 * @file What all poolings share: the windows on channels-last maps, forward and backward.
 *
 * The window of output (oy, ox) begins at `oy·stride − pad` and counts where it lies in the image (PaddlePaddle 1.8,
 * operators/math/pooling.cc). Backward is a gather: input pixel (iy, ix) lies in the windows with
 * `oy·stride − pad ≤ iy < oy·stride − pad + kernel`, and takes its share of each.
 */

import { check } from '../../errors.ts';
import { CHANNEL_BLOCK, channelBlocks } from '../../shape/layout.ts';
import type { Pool2dGeometry } from '../../shape/pool2d.ts';
import { ceilDivide, checkIndexable } from '../../shape/shape.ts';
import { MAX_WORKGROUPS, WORKGROUP, workgroupEntry } from '../grid.ts';
import { uniformsOf } from '../kernel.ts';
import { type Piece, piece } from '../wgsl.ts';

/** A thread loops over a window of at most so many pixels by itself. */
const LARGEST_WINDOW = 64;

/**
 * The poolings to run one after the other, in place of one: two for a large window, of one row and of one column,
 * because a thread would loop long over a square one. Maximum and average, and the gradients of both, fall into
 * these two steps exactly.
 */
export function pool2dStages(g: Pool2dGeometry): readonly Pool2dGeometry[] {
  const { kernelHeight, kernelWidth } = g;
  if (kernelHeight * kernelWidth <= LARGEST_WINDOW || kernelHeight === 1 || kernelWidth === 1) return [g];
  return [
    { ...g, kernelHeight: 1, strideY: 1, padTop: 0, padBottom: 0, outHeight: g.inHeight },
    { ...g, kernelWidth: 1, strideX: 1, padLeft: 0, padRight: 0, inWidth: g.outWidth },
  ];
}

/** The constants of a pooling's kernels: backward divides by the stride, which is slow where it is not known. */
export function poolVariant({ strideY, strideX }: Pool2dGeometry): PoolVariant {
  return { strideY, strideX };
}

/** See {@link poolVariant}. */
export type PoolVariant = { readonly strideY: number; readonly strideX: number };

/** The uniforms of a pooling. */
export const poolUniforms = {
  ...uniformsOf('u32', 'blocks'),
  ...uniformsOf('i32', 'inHeight', 'inWidth', 'outHeight', 'outWidth', 'kernelHeight', 'kernelWidth'),
  ...uniformsOf('i32', 'padTop', 'padBottom', 'padLeft', 'padRight'),
};

/** Their values. */
export function poolValues(g: Pool2dGeometry): Record<keyof typeof poolUniforms, number> {
  const blocks = channelBlocks(g.channels);
  checkIndexable(g.batch * g.inHeight * g.inWidth * blocks * CHANNEL_BLOCK, "pooling's input");
  checkIndexable(g.batch * g.outHeight * g.outWidth * blocks * CHANNEL_BLOCK, "pooling's output");
  const { batch: _, channels: __, strideY: ___, strideX: ____, ...rest } = g;
  return { blocks, ...rest };
}

/** A grid with a thread for each channel block of each output. */
export function outputGrid(g: Pool2dGeometry): readonly [number, number, number] {
  return rowGrid(g, g.outHeight, g.outWidth);
}

/** A grid with a thread for each channel block of each input. */
export function inputGrid(g: Pool2dGeometry): readonly [number, number, number] {
  return rowGrid(g, g.inHeight, g.inWidth);
}

/** Workgroups along the rows of a map, which spare the threads most of the division into coordinates. */
function rowGrid({ batch, channels }: Pool2dGeometry, height: number, width: number) {
  const grid = [ceilDivide(width * channelBlocks(channels), WORKGROUP), height, batch] as const;
  check(
    grid.every((workgroups) => workgroups <= MAX_WORKGROUPS),
    'unsupported',
    () =>
      `pooling: ${batch} maps of ${height}×${width} need ${grid.join('×')} workgroups, an axis has ${MAX_WORKGROUPS}`,
  );
  return grid;
}

/**
 * The entry point on {@link outputGrid} or {@link inputGrid}: `body` sees the channel block `block`, the output or input
 * `at` (x, y), and `image`, the number of its image.
 */
export function poolEntry(map: 'out' | 'in', body: string): string {
  return workgroupEntry(
    WORKGROUP,
    `
  let thread = workgroup.x * ${WORKGROUP}u + localIndex;
  let column = thread / u.blocks;
  let block = thread - column * u.blocks;
  let at = vec2i(vec2u(column, workgroup.y));
  let image = i32(workgroup.z);
  if (at.x >= u.${map}Width) { return; }
${body}`,
  );
}

/** WGSL: indexes of channel blocks, and the windows of outputs and of inputs, each as [begin, end). */
export const poolWindows = ({ strideY, strideX }: PoolVariant): Piece =>
  piece(`
const stride = vec2i(${strideX}, ${strideY});
fn inIndex(image: i32, y: i32, x: i32, block: u32) -> u32 {
  return u32((image * u.inHeight + y) * u.inWidth + x) * u.blocks + block;
}
fn outIndex(image: i32, y: i32, x: i32, block: u32) -> u32 {
  return u32((image * u.outHeight + y) * u.outWidth + x) * u.blocks + block;
}
fn inSize() -> vec2i { return vec2i(u.inWidth, u.inHeight); }
fn outSize() -> vec2i { return vec2i(u.outWidth, u.outHeight); }
fn kernel() -> vec2i { return vec2i(u.kernelWidth, u.kernelHeight); }
/** Where the window of an output starts, perhaps outside the image. */
fn windowStart(output: vec2i) -> vec2i { return output * stride - vec2i(u.padLeft, u.padTop); }
fn windowBegin(start: vec2i) -> vec2i { return max(start, vec2i()); }
fn windowEnd(start: vec2i) -> vec2i { return min(start + kernel(), inSize()); }
/** Where a window ends in the padded image: in ceil mode the last one may reach beyond it. */
fn paddedEnd(start: vec2i) -> vec2i { return min(start + kernel(), inSize() + vec2i(u.padRight, u.padBottom)); }
/** The outputs whose windows contain an input. */
fn firstOutput(input: vec2i) -> vec2i {
  return max(input + vec2i(u.padLeft, u.padTop) - kernel() + stride, vec2i()) / stride;
}
fn endOutput(input: vec2i) -> vec2i {
  return min((input + vec2i(u.padLeft, u.padTop)) / stride + 1, outSize());
}
`);
