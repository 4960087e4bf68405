/**
 * @file The geometry of a two-dimensional convolution.
 */

import { checkArgument, type OptionRules, type Rule, whole } from '../arguments.ts';
import { check } from '../errors.ts';
import { formatShape, INDEX_LIMIT, type Shape } from './shape.ts';
import { expandPadding, expandPair, PADDING, PAIR, type Padding, type Pair } from './window.ts';

/** How the window moves over the image. */
export interface Conv2dAttributes {
  /** Steps of the window, 1 by default. */
  readonly stride?: Pair;
  /** Rows and columns of zeros around the image, 0 by default. */
  readonly padding?: Padding;
  /** Distance between neighbouring taps of the filter, 1 by default. */
  readonly dilation?: Pair;
  /** Channels are split in so many groups that do not see each other, 1 by default. */
  readonly groups?: number;
}

const GROUPS: Rule = whole(1, INDEX_LIMIT - 1);

/** The rules of {@link Conv2dAttributes}. */
export const CONV2D_OPTIONS: OptionRules<Conv2dAttributes> = {
  stride: PAIR,
  padding: PADDING,
  dilation: PAIR,
  groups: GROUPS,
};

/** Every number that describes one convolution. */
export interface Conv2dGeometry {
  /** N: images. */
  readonly batch: number;
  /** C: channels of the input. */
  readonly inChannels: number;
  /** Rows of an input image. */
  readonly inHeight: number;
  /** Columns of an input image. */
  readonly inWidth: number;
  /** Channels of the result. */
  readonly outChannels: number;
  /** Rows of a result image. */
  readonly outHeight: number;
  /** Columns of a result image. */
  readonly outWidth: number;
  /** Rows of the filter. */
  readonly kernelHeight: number;
  /** Columns of the filter. */
  readonly kernelWidth: number;
  /** Rows from one window to the next. */
  readonly strideY: number;
  /** Columns from one window to the next. */
  readonly strideX: number;
  /** Rows of zeros above the image; those below follow from `outHeight`. */
  readonly padTop: number;
  /** Columns of zeros left of the image; those to its right follow from `outWidth`. */
  readonly padLeft: number;
  /** Rows from one tap of the filter to the next. */
  readonly dilationY: number;
  /** Columns from one tap of the filter to the next. */
  readonly dilationX: number;
  /** Groups of channels that do not see each other. */
  readonly groups: number;
}

/**
 * The geometry of the convolution of `input` `[N, C, H, W]` with `weight` `[out, C / groups, kh, kw]`.
 * Output extent: `floor((in + padding − (dilation · (kernel − 1) + 1)) / stride) + 1`.
 *
 * Throws 'shape-mismatch' where channels, groups or extents disagree, 'invalid-argument' for bad options.
 */
export function conv2dGeometry(input: Shape, weight: Shape, options: Conv2dAttributes = {}): Conv2dGeometry {
  check(
    input.length === 4 && weight.length === 4,
    'shape-mismatch',
    () =>
      `conv2d takes an input [N, C, H, W] and a weight [out, in / groups, kh, kw], ` +
      `got ${formatShape(input)} and ${formatShape(weight)}`,
  );
  const [batch, inChannels, inHeight, inWidth] = input as [number, number, number, number];
  const [outChannels, groupChannels, kernelHeight, kernelWidth] = weight as [number, number, number, number];
  const { stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
  const [strideY, strideX] = expandPair(stride, "conv2d's stride");
  const [dilationY, dilationX] = expandPair(dilation, "conv2d's dilation");
  const sides = expandPadding(padding, "conv2d's padding");
  checkArgument('the number of groups of conv2d', groups, GROUPS);
  check(
    inChannels === groupChannels * groups,
    'shape-mismatch',
    () =>
      `conv2d: the input ${formatShape(input)} has ${inChannels} channels, the weight ${formatShape(weight)} with ` +
      `${groups} groups takes ${groupChannels * groups}`,
  );
  check(
    outChannels % groups === 0,
    'shape-mismatch',
    () => `conv2d: ${outChannels} output channels do not divide into ${groups} groups`,
  );
  const outHeight = outExtent(inHeight, sides.top + sides.bottom, kernelHeight, strideY, dilationY, 'height');
  const outWidth = outExtent(inWidth, sides.left + sides.right, kernelWidth, strideX, dilationX, 'width');
  return {
    batch,
    inChannels,
    inHeight,
    inWidth,
    outChannels,
    outHeight,
    outWidth,
    kernelHeight,
    kernelWidth,
    strideY,
    strideX,
    padTop: sides.top,
    padLeft: sides.left,
    dilationY,
    dilationX,
    groups,
  };
}

/** `[N, C, H, W]` of the input. */
export function conv2dInputShape(g: Conv2dGeometry): Shape {
  return [g.batch, g.inChannels, g.inHeight, g.inWidth];
}

/** `[out, in / groups, kh, kw]` of the weight. */
export function conv2dWeightShape(g: Conv2dGeometry): Shape {
  return [g.outChannels, g.inChannels / g.groups, g.kernelHeight, g.kernelWidth];
}

/** `[N, out, H, W]` of the output. */
export function conv2dOutputShape(g: Conv2dGeometry): Shape {
  return [g.batch, g.outChannels, g.outHeight, g.outWidth];
}

/** Such as `10×64×56×56 → 64, 3×3, stride 1`. */
export function describeConvolution(g: Conv2dGeometry): string {
  const groups = g.groups === 1 ? '' : `, ${g.groups} groups`;
  return `${conv2dInputShape(g).join('×')} → ${g.outChannels}, ${g.kernelHeight}×${g.kernelWidth}, stride ${g.strideY}${groups}`;
}

/** Whether the convolution is a plain product of matrices: one tap, stride 1, no padding. */
export function isPointwise(g: Conv2dGeometry): boolean {
  return (
    g.kernelHeight === 1 &&
    g.kernelWidth === 1 &&
    g.strideY === 1 &&
    g.strideX === 1 &&
    g.padTop === 0 &&
    g.padLeft === 0 &&
    g.inHeight === g.outHeight &&
    g.inWidth === g.outWidth
  );
}

/** Whether no group of channels shares a vec4 with another one. */
export function groupsAreAligned(g: Conv2dGeometry): boolean {
  return g.groups === 1 || ((g.inChannels / g.groups) % 4 === 0 && (g.outChannels / g.groups) % 4 === 0);
}

/** Multiply-adds of one pass (each of the three passes has as many). */
export function conv2dMultiplyAdds(g: Conv2dGeometry): number {
  const taps = g.kernelHeight * g.kernelWidth * (g.inChannels / g.groups);
  return g.batch * g.outHeight * g.outWidth * g.outChannels * taps;
}

function outExtent(
  extent: number,
  padding: number,
  kernel: number,
  stride: number,
  dilation: number,
  axis: string,
): number {
  const window = dilation * (kernel - 1) + 1;
  const out = Math.floor((extent + padding - window) / stride) + 1;
  check(
    out >= 1,
    'shape-mismatch',
    () =>
      `conv2d: the window of ${axis} ${window} does not fit into the padded image of ${axis} ${extent + padding}: ` +
      'pad more or use a larger image',
  );
  return out;
}
