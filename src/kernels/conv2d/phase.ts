/**
 * @file Input pixels by phase, for the gradient with respect to the input.
 *
 * The *phase* of an input pixel are its coordinates modulo the stride. Pixels of a phase meet the same taps, so a
 * strided convolution wastes none: the third axis of the grid is the phase, `phaseY` and `phaseX` in WGSL. Pixel
 * (y, x) of a phase lies at (y · stride + phaseY, x · stride + phaseX) in the image.
 */

import type { Conv2dGeometry } from '../../shape/conv2d.ts';
import { ceilDivide } from '../../shape/shape.ts';
import { workgroupGrid } from '../grid.ts';
import { uniformsOf } from '../uniforms.ts';
import type { WindowTerms } from './window.ts';

/** The uniforms of a kernel that takes input pixels by phase: how many a phase has, and its extents. */
export const phaseTypes = uniformsOf('u32', 'pixels', 'phaseHeight', 'phaseWidth');

/** Their values. */
export function phaseValues({ batch, inHeight, inWidth, strideY, strideX }: Conv2dGeometry) {
  const phaseHeight = ceilDivide(inHeight, strideY);
  const phaseWidth = ceilDivide(inWidth, strideX);
  return { pixels: batch * phaseHeight * phaseWidth, phaseHeight, phaseWidth };
}

/** A grid of so many workgroups of `size` threads for each phase. */
export function phaseGrid({ strideY, strideX }: Conv2dGeometry, workgroups: number, size: number) {
  const [x, y] = workgroupGrid(workgroups, size);
  return [x, y, strideY * strideX] as const;
}

/** WGSL: the phase of a thread on a {@link phaseGrid}, `phaseY` and `phaseX`. */
export function threadPhase({ strideX }: WindowTerms): string {
  return `let phaseY = workgroup.z / u32(${strideX}); let phaseX = workgroup.z % u32(${strideX});`;
}

/** WGSL: `image{i}`, `y{i}` and `x{i}: i32` of pixel number `number` of the phase, or of the last one. */
export function phasePixel(i: number | '', number: string): string {
  return `let pixel${i} = min(${number}, u.pixels - 1u);
  let image${i} = pixel${i} / (u.phaseHeight * u.phaseWidth);
  let y${i} = i32(pixel${i} / u.phaseWidth % u.phaseHeight);
  let x${i} = i32(pixel${i} % u.phaseWidth);`;
}

/**
 * WGSL: what a tap does to the pixels of this phase: it leads from (y, x) to the output pixel
 * (y + `moveY`, x + `moveX`), and adds `steps` blocks of output channels, `blocks` or none.
 */
export function phaseTap(v: WindowTerms, blocks: string): string {
  if (v.pointwise) return `let steps = ${blocks};`;
  return `let shiftY = i32(phaseY) + i32(${v.padTop}) - ky * i32(${v.dilationY});
    let shiftX = i32(phaseX) + i32(${v.padLeft}) - kx * i32(${v.dilationX});
    let moveY = shiftY / i32(${v.strideY});
    let moveX = shiftX / i32(${v.strideX});
    let steps = select(0u, ${blocks}, shiftY % i32(${v.strideY}) == 0 && shiftX % i32(${v.strideX}) == 0);`;
}

/** WGSL: `at{i}`, the address of the output pixel that the tap leads to, and `inside{i}`, whether there is one. */
export function outputAddress({ pointwise }: WindowTerms, i: number): string {
  if (pointwise) return `let at${i} = pixel${i} * u.outBlocks;`;
  return `let row${i} = u32(y${i} + moveY);
    let column${i} = u32(x${i} + moveX);
    let inside${i} = row${i} < u.outHeight && column${i} < u.outWidth;
    let at${i} = select(0u, ((image${i} * u.outHeight + row${i}) * u.outWidth + column${i}) * u.outBlocks, inside${i});`;
}

/** WGSL: `write(index)` of pixel `i` of the phase in `dx`, if the image has such a pixel. */
export function writePhasePixel(
  { strideY, strideX }: WindowTerms,
  i: number | '',
  write: (index: string) => string,
): string {
  return `let row = u32(y${i}) * u32(${strideY}) + phaseY;
    let column = u32(x${i}) * u32(${strideX}) + phaseX;
    if (row < u.inHeight && column < u.inWidth) {
      ${write(`((image${i} * u.inHeight + row) * u.inWidth + column) * u.inBlocks + block`)}
    }`;
}
