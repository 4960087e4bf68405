/**
 * @file From the components of a JPEG to colours, in libjpeg's integer arithmetic.
 *
 * jpeg-js repeats chroma samples and truncates colours. Against OpenCV (libjpeg) that costs a mean of 0.5
 * and at most 10 of 255 after scaling fundus photographs to 224×224, and makes them darker; with libjpeg's
 * own "fancy" upsampling and rounding there remain 0.1 and 3, from the inverse DCT.
 */

import { CHANNELS, type ChannelOrder } from './image.ts';
import type { Sampling } from './jpeg-header.ts';

/** Below this many chroma samples a row libjpeg repeats them (jdsample.c, jinit_upsampler). */
const MIN_FANCY_WIDTH = 3;

/**
 * Colours of `[height, width, 3]` Y, Cb, Cr whose chroma was sampled every `spacing.horizontal` pixels of
 * every `spacing.vertical` rows and is stored repeated. Chroma is interpolated for 2×2 and 2×1, the usual
 * 4:2:0 and 4:2:2.
 *
 * @returns `[height, width, 3]` in `order`
 */
export function colorsFromYCbCr(
  ycbcr: Uint8Array,
  width: number,
  height: number,
  spacing: Sampling,
  order: ChannelOrder,
): Uint8Array {
  const upsample = chooseUpsampling(spacing, width);
  const colors = new Uint8Array(ycbcr.length);
  const blueChroma = new Uint8Array(width);
  const redChroma = new Uint8Array(width);
  for (let y = 0; y < height; y++) {
    upsample(ycbcr, width, height, y, 1, blueChroma);
    upsample(ycbcr, width, height, y, 2, redChroma);
    convertRow(ycbcr, y * width * CHANNELS, blueChroma, redChroma, order, colors);
  }
  return colors;
}

function chooseUpsampling({ horizontal, vertical }: Sampling, width: number): UpsampleRow {
  if (horizontal !== 2 || Math.ceil(width / 2) < MIN_FANCY_WIDTH) return copyChromaRow;
  if (vertical === 2) return upsampleRow2x2;
  return vertical === 1 ? upsampleRow2x1 : copyChromaRow;
}

/** Writes row `y` of one chroma channel, at full resolution, to `out`. */
type UpsampleRow = (
  ycbcr: Uint8Array,
  width: number,
  height: number,
  y: number,
  channel: number,
  out: Uint8Array,
) => void;

const copyChromaRow: UpsampleRow = (ycbcr, width, _height, y, channel, out) => {
  const row = y * width * CHANNELS + channel;
  for (let x = 0; x < width; x++) out[x] = ycbcr[row + x * CHANNELS]!;
};

/** jdsample.c, h2v1_fancy_upsample: 3/4 of the nearer sample and 1/4 of the farther one. */
const upsampleRow2x1: UpsampleRow = (ycbcr, width, _height, y, channel, out) => {
  const row = y * width * CHANNELS + channel;
  const last = ((width + 1) >> 1) - 1;
  const sample = (i: number): number => ycbcr[row + 2 * i * CHANNELS]!;
  for (let x = 0; x < width; x++) {
    const near = x >> 1;
    const far = x & 1 ? near + 1 : near - 1;
    out[x] = far < 0 || far > last ? sample(near) : (3 * sample(near) + sample(far) + 1 + (x & 1)) >> 2;
  }
};

/** jdsample.c, h2v2_fancy_upsample: the same along columns, then along rows, rounded once. */
const upsampleRow2x2: UpsampleRow = (ycbcr, width, height, y, channel, out) => {
  const lastRow = ((height + 1) >> 1) - 1;
  const nearRow = y >> 1;
  const farRow = Math.min(Math.max(y & 1 ? nearRow + 1 : nearRow - 1, 0), lastRow);
  const nearStart = 2 * nearRow * width * CHANNELS + channel;
  const farStart = 2 * farRow * width * CHANNELS + channel;
  const stride = 2 * CHANNELS;
  const last = ((width + 1) >> 1) - 1;
  let before = 3 * ycbcr[nearStart]! + ycbcr[farStart]!;
  let here = before;
  for (let i = 0; i <= last; i++) {
    const next = Math.min(i + 1, last) * stride;
    const after = 3 * ycbcr[nearStart + next]! + ycbcr[farStart + next]!;
    out[2 * i] = (3 * here + before + 8) >> 4;
    if (2 * i + 1 < width) out[2 * i + 1] = (3 * here + after + 7) >> 4;
    before = here;
    here = after;
  }
};

/** Coefficients of ITU T.871 (JFIF) in 16-bit fixed point, as jdcolor.c has them. */
const RED_FROM_CR = 91881;
const GREEN_FROM_CB = -22554;
const GREEN_FROM_CR = -46802;
const BLUE_FROM_CB = 116130;
const HALF = 1 << 15;

function convertRow(
  ycbcr: Uint8Array,
  start: number,
  blueChroma: Uint8Array,
  redChroma: Uint8Array,
  order: ChannelOrder,
  colors: Uint8Array,
): void {
  const red = order === 'rgb' ? 0 : 2;
  const blue = 2 - red;
  for (let x = 0, at = start; x < blueChroma.length; x++, at += CHANNELS) {
    const luma = ycbcr[at]!;
    const cb = blueChroma[x]! - 128;
    const cr = redChroma[x]! - 128;
    colors[at + red] = clamp(luma + ((RED_FROM_CR * cr + HALF) >> 16));
    colors[at + 1] = clamp(luma + ((GREEN_FROM_CB * cb + GREEN_FROM_CR * cr + HALF) >> 16));
    colors[at + blue] = clamp(luma + ((BLUE_FROM_CB * cb + HALF) >> 16));
  }
}

function clamp(value: number): number {
  return Math.min(Math.max(value, 0), 255);
}
