/**
 * @file What the kernels of all convolution passes share: the window, constants of the variant or uniforms; the
 * extents in their uniforms; and the WGSL that visits taps.
 */

import type { Conv2dGeometry } from '../../shape/conv2d.ts';
import { isPointwise } from '../../shape/conv2d.ts';
import { channelBlocks } from '../../shape/layout.ts';
import { checkIndexable } from '../../shape/shape.ts';

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
  kernelHeight: 'u32',
  kernelWidth: 'u32',
  strideY: 'u32',
  strideX: 'u32',
  padTop: 'u32',
  padLeft: 'u32',
  dilationY: 'u32',
  dilationX: 'u32',
} as const;

/** The values of {@link windowTypes}. */
export function windowUniforms(g: Conv2dGeometry): Record<keyof typeof windowTypes, number> {
  const { kernelHeight, kernelWidth, strideY, strideX, padTop, padLeft, dilationY, dilationX } = g;
  return { kernelHeight, kernelWidth, strideY, strideX, padTop, padLeft, dilationY, dilationX };
}

/** The terms of a window out of {@link windowTypes}, a pointwise one's as constants. */
export function uniformWindow(pointwise: boolean): WindowTerms {
  const value = (name: keyof typeof windowTypes) =>
    pointwise ? Number(!name.startsWith('pad')) : `u.${name}`;
  return {
    kernelHeight: value('kernelHeight'),
    kernelWidth: value('kernelWidth'),
    strideY: value('strideY'),
    strideX: value('strideX'),
    padTop: value('padTop'),
    padLeft: value('padLeft'),
    dilationY: value('dilationY'),
    dilationX: value('dilationX'),
    pointwise,
  };
}

/** The extents of a convolution, in WGSL `u.inHeight` and so on. Blocks are groups of four channels. */
export const extentTypes = {
  batch: 'u32',
  inHeight: 'u32',
  inWidth: 'u32',
  outHeight: 'u32',
  outWidth: 'u32',
  inBlocks: 'u32',
  outBlocks: 'u32',
  groupInBlocks: 'u32',
  groupOutBlocks: 'u32',
} as const;

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

function isOneTap({ kernelHeight, kernelWidth }: WindowTerms): boolean {
  return kernelHeight === 1 && kernelWidth === 1;
}
