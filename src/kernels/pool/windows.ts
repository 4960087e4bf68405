/**
 * @file What all poolings share: the windows on channels-last maps, forward and backward.
 *
 * The window of output (oy, ox) begins at `oy·stride − pad` and counts where it lies in the image (PaddlePaddle 1.8,
 * operators/math/pooling.cc). Backward is a gather: input pixel (iy, ix) lies in the windows with
 * `oy·stride − pad ≤ iy < oy·stride − pad + kernel`, and takes its share of each.
 */

import type { Pool2dGeometry } from '../../shape/pool2d.ts';
import { MAP_INDEXES, mapUniforms, mapValues } from '../map-grid.ts';
import { uniformsOf } from '../uniforms.ts';
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
  ...mapUniforms,
  ...uniformsOf('i32', 'kernelHeight', 'kernelWidth', 'padTop', 'padBottom', 'padLeft', 'padRight'),
};

/** Their values. */
export function poolValues(g: Pool2dGeometry): Record<keyof typeof poolUniforms, number> {
  const { kernelHeight, kernelWidth, padTop, padBottom, padLeft, padRight } = g;
  return { ...mapValues(POOLING, g), kernelHeight, kernelWidth, padTop, padBottom, padLeft, padRight };
}

/** What poolings are called in messages. */
export const POOLING = 'pooling';

/** WGSL: the windows of outputs and of inputs, each as [begin, end). */
export const poolWindows = ({ strideY, strideX }: PoolVariant): Piece =>
  piece(
    `
const stride = vec2i(${strideX}, ${strideY});
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
`,
    [MAP_INDEXES],
  );
