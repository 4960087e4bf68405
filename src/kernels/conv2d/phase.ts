/**
 * @file Input pixels by phase, for the gradient by the input.
 *
 * The *phase* of an input pixel are its coordinates modulo the stride. Pixels of a phase meet the same taps, so a
 * strided convolution wastes none: the third axis of the grid is the phase, `phaseY` and `phaseX` in WGSL.
 */

import type { WindowConstants } from './window.ts';

/** WGSL: image `image{i}` and coordinates `y{i}`, `x{i}` of pixel number `number` of the phase, or of the last one. */
export function inputPixel({ strideY, strideX }: WindowConstants, i: number | '', number: string): string {
  return `let pixel${i} = min(${number}, u.pixels - 1u);
  let image${i} = pixel${i} / (u.phaseHeight * u.phaseWidth);
  let y${i} = pixel${i} / u.phaseWidth % u.phaseHeight * ${strideY}u + phaseY;
  let x${i} = pixel${i} % u.phaseWidth * ${strideX}u + phaseX;`;
}

/** WGSL: enters a block for the taps that meet output pixels of this phase. A pointwise window needs none. */
export function matchingTap(v: WindowConstants): string {
  if (v.pointwise) return '';
  return `let shiftY = ${v.padTop} - ky * ${v.dilationY};
    let shiftX = ${v.padLeft} - kx * ${v.dilationX};
    if ((i32(phaseY) + shiftY) % ${v.strideY} == 0 && (i32(phaseX) + shiftX) % ${v.strideX} == 0) {`;
}

/** WGSL: `at{i}`, the address of the output pixel that the tap led to, and `inside{i}`, whether there is one. */
export function outputAddress({ pointwise, strideY, strideX }: WindowConstants, i: number): string {
  if (pointwise) return `let at${i} = pixel${i} * u.outQuads;`;
  return `let row${i} = (i32(y${i}) + shiftY) / ${strideY};
    let column${i} = (i32(x${i}) + shiftX) / ${strideX};
    let inside${i} = i32(y${i}) + shiftY >= 0 && i32(x${i}) + shiftX >= 0
      && row${i} < i32(u.outHeight) && column${i} < i32(u.outWidth);
    let at${i} = select(0u,
      ((image${i} * u.outHeight + u32(row${i})) * u.outWidth + u32(column${i})) * u.outQuads, inside${i});`;
}
