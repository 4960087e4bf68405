/**
 * @file Convolution, gradient by its input:
 * `dx[n, c, iy, ix] = Σ_{ky, kx, o} dy[n, o, (iy + p − ky·d) / s, (ix + p − kx·d) / s] · w[o, c, ky, kx]`
 * over the taps for which the division is exact and its result lies in the output.
 */

import type { Conv2dGeometry } from '../../shape/conv2d.ts';
import { ceilDivide } from '../../shape/shape.ts';
import { unroll, WORKGROUP, workgroupGrid } from '../grid.ts';
import { defineKernel, type KernelPlan, reads, writes } from '../kernel.ts';
import {
  closeTaps,
  extents,
  extentTypes,
  openTaps,
  type WindowConstants,
  windowConstants,
} from './window.ts';

/** Input pixels a thread; with four channels each, 32 results live in its registers. */
const PIXELS = 8;

interface Variant extends WindowConstants {
  readonly [constant: string]: number | boolean;
}

const kernel = defineKernel({
  name: 'conv2d.backwardInput',
  buffers: { dy: reads('vec4f'), weight: reads('vec4f'), dx: writes('vec4f') },
  uniforms: { pixels: 'u32', phaseHeight: 'u32', phaseWidth: 'u32', ...extentTypes },
  body,
});

/**
 * The plain kernel: a thread computes four neighbouring channels of {@link PIXELS} input pixels. Input pixels are
 * taken by *phase*, their coordinates modulo the stride: pixels of a phase meet the same taps, so that a strided
 * convolution wastes none. The third axis of the grid is the phase. Buffers: dy, weight, dx.
 * Groups must be aligned to four channels.
 */
export function conv2dBackwardInputPlan(g: Conv2dGeometry): KernelPlan {
  const phaseHeight = ceilDivide(g.inHeight, g.strideY);
  const phaseWidth = ceilDivide(g.inWidth, g.strideX);
  const pixels = g.batch * phaseHeight * phaseWidth;
  const sizes = extents(g);
  const workgroups = ceilDivide(ceilDivide(pixels, PIXELS) * sizes.inQuads, WORKGROUP);
  const [x, y] = workgroupGrid(workgroups, WORKGROUP);
  return kernel({ ...windowConstants(g) }, { pixels, phaseHeight, phaseWidth, ...sizes }, [
    x,
    y,
    g.strideY * g.strideX,
  ]);
}

function body(v: Variant): string {
  return `
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) workgroups: vec3u,
        @builtin(local_invocation_index) lane: u32) {
  let thread = (workgroup.y * workgroups.x + workgroup.x) * ${WORKGROUP}u + lane;
  let phaseY = workgroup.z / ${v.strideX}u;
  let phaseX = workgroup.z % ${v.strideX}u;
  let quad = thread % u.inQuads;
  let first = thread / u.inQuads * ${PIXELS}u;
  if (first >= u.pixels) { return; }
  let group = quad / u.groupInQuads;
  let outQuad = group * u.groupOutQuads;
  let channel = quad % u.groupInQuads * 4u;
  ${unroll(PIXELS, (i) => `var sum${i} = vec4f();`)}
  ${unroll(PIXELS, (i) => inputPixel(v, i))}
  ${openTaps(v)}
    ${matchingTap(v)}
    ${unroll(PIXELS, (i) => tapAddress(v, i))}
    let row = (tap * u.groupInQuads * 4u + channel) * u.outQuads + outQuad;
    for (var o = 0u; o < u.groupOutQuads; o++) {
      let w0 = weight[row + o];
      let w1 = weight[row + u.outQuads + o];
      let w2 = weight[row + 2u * u.outQuads + o];
      let w3 = weight[row + 3u * u.outQuads + o];
      ${unroll(PIXELS, (i) => accumulate(v, i))}
    }
    ${v.pointwise ? '' : '}'}
  ${closeTaps(v)}
  ${unroll(
    PIXELS,
    (i) => `if (first + ${i}u < u.pixels && y${i} < u.inHeight && x${i} < u.inWidth) {
    dx[((image${i} * u.inHeight + y${i}) * u.inWidth + x${i}) * u.inQuads + quad] = sum${i};
  }`,
  )}
}
`;
}

/** WGSL: the coordinates of input pixel `first + i` of this phase. Pixels beyond the last one repeat it. */
function inputPixel({ strideY, strideX }: Variant, i: number): string {
  return `let pixel${i} = min(first + ${i}u, u.pixels - 1u);
  let image${i} = pixel${i} / (u.phaseHeight * u.phaseWidth);
  let y${i} = pixel${i} / u.phaseWidth % u.phaseHeight * ${strideY}u + phaseY;
  let x${i} = pixel${i} % u.phaseWidth * ${strideX}u + phaseX;`;
}

/** WGSL: enters a block for the taps that meet output pixels of this phase. */
function matchingTap({
  pointwise,
  padTop,
  padLeft,
  dilationY,
  dilationX,
  strideY,
  strideX,
}: Variant): string {
  if (pointwise) return '';
  return `let shiftY = ${padTop} - ky * ${dilationY};
    let shiftX = ${padLeft} - kx * ${dilationX};
    if ((i32(phaseY) + shiftY) % ${strideY} == 0 && (i32(phaseX) + shiftX) % ${strideX} == 0) {`;
}

/** WGSL: the address of the output pixel that the tap led to, and whether there is one. */
function tapAddress({ pointwise, strideY, strideX }: Variant, i: number): string {
  if (pointwise) return `let at${i} = pixel${i} * u.outQuads + outQuad;`;
  return `let row${i} = (i32(y${i}) + shiftY) / ${strideY};
    let column${i} = (i32(x${i}) + shiftX) / ${strideX};
    let inside${i} = i32(y${i}) + shiftY >= 0 && i32(x${i}) + shiftX >= 0
      && row${i} < i32(u.outHeight) && column${i} < i32(u.outWidth);
    let at${i} = select(0u,
      ((image${i} * u.outHeight + u32(row${i})) * u.outWidth + u32(column${i})) * u.outQuads + outQuad, inside${i});`;
}

function accumulate({ pointwise }: Variant, i: number): string {
  const value = `dy[at${i} + o]`;
  return `{
        let v = ${pointwise ? value : `select(vec4f(), ${value}, inside${i})`};
        sum${i} += vec4f(dot(v, w0), dot(v, w1), dot(v, w2), dot(v, w3));
      }`;
}
