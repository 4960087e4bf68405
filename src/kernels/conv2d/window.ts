/**
 * @file What the kernels of all convolution passes share: the window, constants of the variant or uniforms; the
 * extents in their uniforms; and the WGSL that visits taps.
 */

import type { Conv2dGeometry } from '../../shape/conv2d.ts';
import { isPointwise } from '../../shape/conv2d.ts';
import { channelBlocks } from '../../shape/layout.ts';
import { checkIndexable } from '../../shape/shape.ts';
import { uniformsOf } from '../uniforms.ts';

/** The constants that a convolution's code is specialised on. */
export interface WindowConstants {
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly strideY: number;
  readonly strideX: number;
  readonly padTop: number;
  readonly padLeft: number;
  readonly dilationY: number;
  readonly dilationX: number;
  /** Output pixels are input pixels: no tap can fall outside. */
  readonly pointwise: boolean;
}

/** The constants of a convolution's window. */
export function windowConstants(g: Conv2dGeometry): WindowConstants {
  return { ...windowUniforms(g), pointwise: isPointwise(g) };
}

/** A convolution's window in WGSL: whole numbers, or expressions of either integer type. */
export type WindowTerms = {
  readonly [Name in keyof WindowConstants]: WindowConstants[Name] extends number ? number | string : boolean;
};

/** A window as uniforms: fewer pipelines, where its numbers are needed outside of the innermost loop only. */
export const windowTypes = {
  ...uniformsOf('u32', 'kernelHeight', 'kernelWidth', 'strideY', 'strideX'),
  ...uniformsOf('u32', 'padTop', 'padLeft', 'dilationY', 'dilationX'),
};

/** The values of {@link windowTypes}. */
export function windowUniforms(g: Conv2dGeometry): Record<keyof typeof windowTypes, number> {
  const { kernelHeight, kernelWidth, strideY, strideX, padTop, padLeft, dilationY, dilationX } = g;
  return { kernelHeight, kernelWidth, strideY, strideX, padTop, padLeft, dilationY, dilationX };
}

/** The terms of a window out of {@link windowTypes}, a pointwise one's as constants. */
export function uniformWindow(pointwise: boolean): WindowTerms {
  const names = Object.keys(windowTypes) as (keyof typeof windowTypes)[];
  const terms = names.map((name) => [name, pointwise ? Number(!name.startsWith('pad')) : `u.${name}`]);
  return { ...(Object.fromEntries(terms) as Omit<WindowTerms, 'pointwise'>), pointwise };
}

/** The extents of a convolution, in WGSL `u.inHeight` and so on; its channels in blocks. */
export const extentTypes = {
  ...uniformsOf('u32', 'batch', 'inHeight', 'inWidth', 'outHeight', 'outWidth'),
  ...uniformsOf('u32', 'inBlocks', 'outBlocks', 'groupInBlocks', 'groupOutBlocks'),
};

/** The pixels of the output of a whole batch. */
export function outputPixels({ batch, outHeight, outWidth }: Conv2dGeometry): number {
  return batch * outHeight * outWidth;
}

/** The values of {@link extentTypes}. Throws 'unsupported' where an index of any pass could overflow 32 bits. */
export function extents(g: Conv2dGeometry): Record<keyof typeof extentTypes, number> {
  const inBlocks = channelBlocks(g.inChannels);
  const outBlocks = channelBlocks(g.outChannels);
  const { batch, inHeight, inWidth, outHeight, outWidth } = g;
  checkIndexable(batch * inHeight * inWidth * inBlocks * 4, 'the input of a convolution');
  checkIndexable(batch * outHeight * outWidth * outBlocks * 4, 'the output of a convolution');
  return {
    batch,
    inHeight,
    inWidth,
    outHeight,
    outWidth,
    inBlocks,
    outBlocks,
    groupInBlocks: g.groups === 1 ? inBlocks : inBlocks / g.groups,
    groupOutBlocks: g.groups === 1 ? outBlocks : outBlocks / g.groups,
  };
}

/**
 * WGSL: opens the loops over the window's taps. Inside, `ky`, `kx: i32` are the tap and `tap: u32` its number,
 * row-major. A window of one tap has no loop.
 */
export function openTaps(window: WindowTerms): string {
  const { kernelHeight, kernelWidth } = window;
  return isOneTap(window)
    ? '{ const ky = 0; const kx = 0; const tap = 0u;'
    : `for (var ky = 0; ky < i32(${kernelHeight}); ky++) { for (var kx = 0; kx < i32(${kernelWidth}); kx++) {
         let tap = u32(ky * i32(${kernelWidth}) + kx);`;
}

/** WGSL: closes what {@link openTaps} opened. */
export function closeTaps(window: WindowTerms): string {
  return isOneTap(window) ? '}' : '}}';
}

/** WGSL: `y{i}` and `x{i}: i32`, where the window of output pixel `pixel{i}` begins, and its image's first row, `image{i}`. */
export function windowOrigin(
  { pointwise, strideY, strideX, padTop, padLeft }: WindowTerms,
  i: number,
): string {
  if (pointwise) return '';
  return `let image${i} = pixel${i} / (u.outHeight * u.outWidth) * u.inHeight;
  let y${i} = i32(pixel${i} / u.outWidth % u.outHeight * ${strideY}) - i32(${padTop});
  let x${i} = i32(pixel${i} % u.outWidth * ${strideX}) - i32(${padLeft});`;
}

/**
 * WGSL: `at{i}`, the address in `x` of the pixel that the tap leads to from a {@link windowOrigin}, plus `offset`; and
 * `inside{i}`, whether the image has that pixel.
 */
export function inputAddress(
  { pointwise, dilationY, dilationX }: WindowTerms,
  i: number,
  offset = '',
): string {
  if (pointwise) return `let at${i} = pixel${i} * u.inBlocks${offset};`;
  return `let row${i} = u32(y${i} + ky * i32(${dilationY}));
    let column${i} = u32(x${i} + kx * i32(${dilationX}));
    let inside${i} = row${i} < u.inHeight && column${i} < u.inWidth;
    let at${i} = select(0u, ((image${i} + row${i}) * u.inWidth + column${i}) * u.inBlocks${offset}, inside${i});`;
}

/** WGSL: the vec4 `value`, loaded at an {@link inputAddress} or an output's; zeros where it is not `inside{i}`. */
export function valueInside({ pointwise }: Pick<WindowTerms, 'pointwise'>, value: string, i: number): string {
  return pointwise ? value : `select(vec4f(), ${value}, inside${i})`;
}

function isOneTap({ kernelHeight, kernelWidth }: WindowTerms): boolean {
  return kernelHeight === 1 && kernelWidth === 1;
}
