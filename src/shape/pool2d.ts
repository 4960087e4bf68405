/**
 * @file The geometry of two-dimensional pooling.
 */

import { BOOLEAN, type OptionRules } from '../arguments.ts';
import { check } from '../errors.ts';
import { inputMaps, type MapSizes } from './maps.ts';
import type { Shape } from './shape.ts';
import { expandPadding, expandPair, PADDING, PAIR, type Padding, type Pair } from './window.ts';

/** How the window moves over the image. */
export interface Pool2dAttributes {
  /** Height and width of the window. Not used where `global` is set. */
  readonly kernel?: Pair;
  /** Steps of the window, the kernel's size by default, so that windows lie side by side. */
  readonly stride?: Pair;
  /** Rows and columns around the image that belong to no pixel, 0 by default. */
  readonly padding?: Padding;
  /** Round the output's extent up, so that the last window may reach beyond the image; false by default. */
  readonly ceilMode?: boolean;
  /** One window over the whole image, whatever the other options say; false by default. */
  readonly global?: boolean;
}

/** The rules of {@link Pool2dAttributes}. */
export const POOL2D_OPTIONS: OptionRules<Pool2dAttributes> = {
  kernel: PAIR,
  stride: PAIR,
  padding: PADDING,
  ceilMode: BOOLEAN,
  global: BOOLEAN,
};

/** Every number that describes one pooling. */
export interface Pool2dGeometry extends MapSizes {
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly strideY: number;
  readonly strideX: number;
  readonly padTop: number;
  readonly padBottom: number;
  readonly padLeft: number;
  readonly padRight: number;
}

/**
 * The geometry of pooling `input` `[N, C, H, W]`. Output extent, as PaddlePaddle has it:
 * `floor((in − kernel + padding) / stride) + 1`, with ceil mode `floor((in − kernel + padding + stride − 1) / stride) + 1`.
 *
 * Throws 'shape-mismatch' where a window has no pixel, 'invalid-argument' for bad options.
 */
export function pool2dGeometry(input: Shape, options: Pool2dAttributes): Pool2dGeometry {
  const common = inputMaps('pooling', input);
  const { inHeight, inWidth } = common;
  if (options.global) {
    return {
      ...common,
      outHeight: 1,
      outWidth: 1,
      kernelHeight: inHeight,
      kernelWidth: inWidth,
      strideY: 1,
      strideX: 1,
      padTop: 0,
      padBottom: 0,
      padLeft: 0,
      padRight: 0,
    };
  }
  const { kernel, padding = 0, ceilMode = false } = options;
  check(
    kernel !== undefined,
    'invalid-argument',
    () => 'pooling needs a kernel size: give `kernel`, or `global: true`',
  );
  const [kernelHeight, kernelWidth] = expandPair(kernel, "pooling's kernel");
  const [strideY, strideX] = expandPair(options.stride ?? kernel, "pooling's stride");
  const sides = expandPadding(padding, "pooling's padding");
  checkPadding(Math.max(sides.top, sides.bottom), kernelHeight, 'height');
  checkPadding(Math.max(sides.left, sides.right), kernelWidth, 'width');
  return {
    ...common,
    outHeight: outExtent(inHeight, sides.top, sides.bottom, kernelHeight, strideY, ceilMode, 'height'),
    outWidth: outExtent(inWidth, sides.left, sides.right, kernelWidth, strideX, ceilMode, 'width'),
    kernelHeight,
    kernelWidth,
    strideY,
    strideX,
    padTop: sides.top,
    padBottom: sides.bottom,
    padLeft: sides.left,
    padRight: sides.right,
  };
}

function checkPadding(padding: number, kernel: number, axis: string): void {
  check(
    padding < kernel,
    'invalid-argument',
    () =>
      `pooling's padding ${padding} is not smaller than the window's ${axis} ${kernel}: some windows would be empty`,
  );
}

function outExtent(
  extent: number,
  before: number,
  after: number,
  kernel: number,
  stride: number,
  ceilMode: boolean,
  axis: string,
): number {
  const room = extent - kernel + before + after;
  const out = Math.floor((room + (ceilMode ? stride - 1 : 0)) / stride) + 1;
  check(
    out >= 1,
    'shape-mismatch',
    () =>
      `pooling: the window of ${axis} ${kernel} does not fit into the padded image of ${axis} ${extent + before + after}`,
  );
  check(
    (out - 1) * stride - before < extent,
    'shape-mismatch',
    () =>
      `pooling: the last window of ${axis} ${kernel} begins at ${(out - 1) * stride - before}, beyond the image of ${axis} ` +
      `${extent}: pad less, use a smaller stride or no ceil mode`,
  );
  return out;
}
