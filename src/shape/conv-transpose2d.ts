/**
 * @file The geometry of a transposed convolution: that of the convolution whose gradient with respect to the input it is.
 */

import { checkArgument, type OptionRules } from '../arguments.ts';
import { check } from '../errors.ts';
import { CONV2D_OPTIONS, type Conv2dAttributes, type Conv2dGeometry } from './conv2d.ts';
import { formatShape, type Shape } from './shape.ts';
import { expandPadding, expandPair, PAIR_OR_ZERO, type Pair } from './window.ts';

/** How a transposed convolution spreads the window over the result; each option as the convolution has it. */
export interface ConvTranspose2dAttributes extends Conv2dAttributes {
  /** Rows and columns that the result has more, below and on the right, 0 by default; less than the stride or the dilation. */
  readonly outputPadding?: Pair;
}

/** The rules of {@link ConvTranspose2dAttributes}. */
export const CONV_TRANSPOSE2D_OPTIONS: OptionRules<ConvTranspose2dAttributes> = {
  ...CONV2D_OPTIONS,
  outputPadding: PAIR_OR_ZERO,
};

/**
 * The geometry of the convolution that takes the result of the transposed one to `x` `[N, C, H, W]`, by `weight`
 * `[C, out / groups, kh, kw]`. Extent of the result:
 * `(extent − 1) · stride − padding + dilation · (kernel − 1) + outputPadding + 1`, the padding being that of both sides.
 *
 * Throws 'shape-mismatch' where channels, groups or extents disagree, 'invalid-argument' for bad options.
 */
export function convTranspose2dGeometry(
  x: Shape,
  weight: Shape,
  options: ConvTranspose2dAttributes = {},
): Conv2dGeometry {
  check(
    x.length === 4 && weight.length === 4,
    'shape-mismatch',
    () =>
      `convTranspose2d takes an input [N, C, H, W] and a weight [C, out / groups, kh, kw], ` +
      `got ${formatShape(x)} and ${formatShape(weight)}`,
  );
  const [batch, channels, height, width] = x as [number, number, number, number];
  const [weightChannels, groupChannels, kernelHeight, kernelWidth] = weight as [
    number,
    number,
    number,
    number,
  ];
  const { stride = 1, padding = 0, dilation = 1, groups = 1, outputPadding = 0 } = options;
  const [strideY, strideX] = expandPair(stride, "convTranspose2d's stride");
  const [dilationY, dilationX] = expandPair(dilation, "convTranspose2d's dilation");
  const [extraY, extraX] = expandPair(outputPadding, "convTranspose2d's outputPadding", PAIR_OR_ZERO);
  const { top, bottom, left, right } = expandPadding(padding, "convTranspose2d's padding");
  checkArgument('the number of groups of convTranspose2d', groups, CONV2D_OPTIONS.groups);
  check(
    channels === weightChannels && channels % groups === 0,
    'shape-mismatch',
    () =>
      `convTranspose2d: the input ${formatShape(x)} has ${channels} channels, the weight ${formatShape(weight)} takes ` +
      `${weightChannels}: they must be equal, and divide into ${groups} groups`,
  );
  const axis = { height: [strideY, dilationY, extraY], width: [strideX, dilationX, extraX] } as const;
  for (const name of ['height', 'width'] as const) {
    const [step, distance, extra] = axis[name];
    check(
      extra < Math.max(step, distance),
      'invalid-argument',
      () =>
        `convTranspose2d: the outputPadding ${extra} of the ${name} is not less than its stride ${step} or its dilation ${distance}`,
    );
  }
  const inHeight = (height - 1) * strideY - top - bottom + dilationY * (kernelHeight - 1) + extraY + 1;
  const inWidth = (width - 1) * strideX - left - right + dilationX * (kernelWidth - 1) + extraX + 1;
  check(
    inHeight >= 1 && inWidth >= 1,
    'shape-mismatch',
    () => `convTranspose2d: nothing is left of a result of ${inHeight}×${inWidth}: pad less`,
  );
  return {
    batch,
    inChannels: groupChannels * groups,
    inHeight,
    inWidth,
    outChannels: channels,
    outHeight: height,
    outWidth: width,
    kernelHeight,
    kernelWidth,
    strideY,
    strideX,
    padTop: top,
    padLeft: left,
    dilationY,
    dilationX,
    groups,
  };
}
