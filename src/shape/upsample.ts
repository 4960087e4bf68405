/**
 * @file The geometry of resizing maps: which place of the input each output sees.
 */

import { BOOLEAN, type OptionRules, oneOf, type Rule } from '../arguments.ts';
import { check } from '../errors.ts';
import { inputMaps, type MapSizes } from './maps.ts';
import { checkShape, formatShape, type Shape } from './shape.ts';
import { expandPair, PAIR, type Pair } from './window.ts';

/** How maps are resized; either `size` or `scale` must be given. */
export interface UpsampleOptions {
  /** Height and width of the result. */
  readonly size?: Pair;
  /** By how much the result is larger than the input, or for numbers below 1 smaller; one number, or `[y, x]`. */
  readonly scale?: number | readonly [y: number, x: number];
  /** 'nearest', the default, or 'bilinear'. */
  readonly mode?: 'nearest' | 'bilinear';
  /** For 'bilinear': whether the centers of the corner pixels of input and result coincide; false by default. */
  readonly alignCorners?: boolean;
}

const isScale = (value: unknown): boolean => Number.isFinite(value) && (value as number) > 0;
const SCALE: Rule = {
  holds: (value) => isScale(value) || (Array.isArray(value) && value.length === 2 && value.every(isScale)),
  words: 'a finite number above 0, or two of them, [y, x]',
};

/** The rules of {@link UpsampleOptions}. */
export const UPSAMPLE_OPTIONS: OptionRules<UpsampleOptions> = {
  size: PAIR,
  scale: SCALE,
  mode: oneOf('nearest', 'bilinear'),
  alignCorners: BOOLEAN,
};

/** Every number that describes one resizing: output i sees the place `max((i + shift) · step − shift, 0)` of the input. */
export interface UpsampleGeometry extends MapSizes {
  readonly mode: 'nearest' | 'bilinear';
  readonly stepY: number;
  readonly stepX: number;
  readonly shift: number;
}

/**
 * The geometry of resizing `input` `[N, C, H, W]`, by PyTorch's rules (aten/src/ATen/native/UpSample.h). Extent of the result:
 * `floor(extent · scale)`. Throws 'shape-mismatch' for another rank or a result without pixels, 'invalid-argument' unless one of
 * size and scale is given, and for `alignCorners` with 'nearest'.
 */
export function upsampleGeometry(input: Shape, options: UpsampleOptions): UpsampleGeometry {
  const { batch, channels, inHeight, inWidth } = inputMaps('upsample', input);
  const { size, scale, mode = 'nearest', alignCorners = false } = options;
  check(
    (size === undefined) !== (scale === undefined),
    'invalid-argument',
    () => `upsample takes either a size or a scale, got ${size === undefined ? 'neither' : 'both'}`,
  );
  check(
    mode === 'bilinear' || !alignCorners,
    'invalid-argument',
    () => "upsample: alignCorners is for mode 'bilinear', the mode is 'nearest'",
  );
  const [scaleY, scaleX] = typeof scale === 'number' ? [scale, scale] : (scale ?? []);
  const [outHeight, outWidth] =
    size === undefined
      ? [Math.floor(inHeight * scaleY!), Math.floor(inWidth * scaleX!)]
      : expandPair(size, "upsample's size");
  check(
    outHeight >= 1 && outWidth >= 1,
    'shape-mismatch',
    () => `upsample: ${formatShape(input)} by ${scaleY} and ${scaleX} has no pixels: use a larger scale`,
  );
  checkShape([batch, channels, outHeight, outWidth], 'the result of upsample');
  const step = (inExtent: number, outExtent: number, scale: number | undefined) =>
    alignCorners ? cornerStep(inExtent, outExtent) : centerStep(mode, inExtent, outExtent, scale);
  return {
    ...{ batch, channels, inHeight, inWidth, outHeight, outWidth, mode },
    stepY: step(inHeight, outHeight, scaleY),
    stepX: step(inWidth, outWidth, scaleX),
    shift: mode === 'bilinear' && !alignCorners ? 0.5 : 0,
  };
}

/** The distance between the places of neighbouring outputs where the first and the last see the corners. */
function cornerStep(inExtent: number, outExtent: number): number {
  return outExtent > 1 ? (inExtent - 1) / (outExtent - 1) : 0;
}

/** As {@link cornerStep}, where an output sees what lies under its center. A scale counts as it was given, not as it came out. */
function centerStep(
  mode: 'nearest' | 'bilinear',
  inExtent: number,
  outExtent: number,
  scale: number | undefined,
): number {
  if (inExtent === outExtent) return 1;
  if (mode === 'nearest' && outExtent === 2 * inExtent) return 0.5;
  return scale === undefined ? inExtent / outExtent : 1 / scale;
}
