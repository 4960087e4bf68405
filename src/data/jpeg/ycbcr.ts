/**
 * @file From the components of a JPEG to colours, in libjpeg's integer arithmetic.
 *
 * jpeg-js repeats chroma samples and truncates colours. Against OpenCV (libjpeg) that costs a mean of 0.5
 * and at most 10 of 255 after scaling fundus photographs to 224×224, and makes them darker; with libjpeg's
 * own "fancy" upsampling and rounding there remain 0.1 and 3, from the inverse DCT.
 */

import { CHANNELS, type ChannelOrder } from '../image.ts';
import type { Plane } from './decode-jpeg.ts';

/** Below this many chroma samples per row libjpeg repeats them (jdsample.c, jinit_upsampler). */
const MIN_FANCY_WIDTH = 3;

/**
 * Colours of planes of Y, Cb and Cr. Chroma is interpolated where both planes have a sample every 2×2 or 2×1
 * pixels, the usual 4:2:0 and 4:2:2, else repeated.
 *
 * @param wanted the rows to be converted, in rising order; all by default
 * @returns `[height, width, 3]` in `order`; other rows are 0
 */
export function colorsFromYCbCr(
  [luma, cb, cr]: readonly [Plane, Plane, Plane],
  width: number,
  height: number,
  order: ChannelOrder,
  wanted: Iterable<number> = Array(height).keys(),
): Uint8Array {
  const upsample = chooseUpsampling(luma, cb, cr, width);
  const colors = new Uint8Array(width * height * CHANNELS);
  const lumaRow = new Uint8Array(width);
  const blueChroma = new Uint8Array(width);
  const redChroma = new Uint8Array(width);
  for (const y of wanted) {
    copyRow(luma, width, height, y, lumaRow);
    upsample(cb, width, height, y, blueChroma);
    upsample(cr, width, height, y, redChroma);
    convertRow(lumaRow, blueChroma, redChroma, y * width * CHANNELS, order, colors);
  }
  return colors;
}

/** 1 stands where Cb and Cr disagree, which no encoder does. */
function chooseUpsampling(luma: Plane, cb: Plane, cr: Plane, width: number): UpsampleRow {
  const spacing = (key: 'scaleX' | 'scaleY'): number => (cb[key] === cr[key] ? luma[key] / cb[key] : 1);
  const vertical = spacing('scaleY');
  if (spacing('scaleX') !== 2 || Math.ceil(width / 2) < MIN_FANCY_WIDTH) return copyRow;
  if (vertical === 2) return upsampleRow2x2;
  return vertical === 1 ? upsampleRow2x1 : copyRow;
}

/** Writes row `y` of a plane, at full resolution, to `out`. */
type UpsampleRow = (plane: Plane, width: number, height: number, y: number, out: Uint8Array) => void;

/** Repeats samples where there are fewer than pixels. */
export const copyRow: UpsampleRow = ({ samples, stride, scaleX, scaleY }, width, _height, y, out) => {
  const row = Math.floor(y * scaleY) * stride;
  if (scaleX === 1) out.set(samples.subarray(row, row + width));
  else for (let x = 0; x < width; x++) out[x] = samples[row + Math.floor(x * scaleX)]!;
};

/** jdsample.c, h2v1_fancy_upsample: 3/4 of the nearer sample and 1/4 of the farther one. */
const upsampleRow2x1: UpsampleRow = ({ samples, stride, scaleY }, width, _height, y, out) => {
  const row = Math.floor(y * scaleY) * stride;
  const last = ((width + 1) >> 1) - 1;
  for (let x = 0; x < width; x++) {
    const near = x >> 1;
    const far = x & 1 ? near + 1 : near - 1;
    const sample = samples[row + near]!;
    out[x] = far < 0 || far > last ? sample : (3 * sample + samples[row + far]! + 1 + (x & 1)) >> 2;
  }
};

/** jdsample.c, h2v2_fancy_upsample: the same along columns, then along rows, rounded once. */
const upsampleRow2x2: UpsampleRow = ({ samples, stride }, width, height, y, out) => {
  const lastRow = ((height + 1) >> 1) - 1;
  const nearRow = y >> 1;
  const farRow = Math.min(Math.max(y & 1 ? nearRow + 1 : nearRow - 1, 0), lastRow);
  const nearStart = nearRow * stride;
  const farStart = farRow * stride;
  const last = ((width + 1) >> 1) - 1;
  let before = 3 * samples[nearStart]! + samples[farStart]!;
  let here = before;
  for (let i = 0; i <= last; i++) {
    const next = Math.min(i + 1, last);
    const after = 3 * samples[nearStart + next]! + samples[farStart + next]!;
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
  luma: Uint8Array,
  blueChroma: Uint8Array,
  redChroma: Uint8Array,
  start: number,
  order: ChannelOrder,
  colors: Uint8Array,
): void {
  const red = order === 'rgb' ? 0 : 2;
  const blue = 2 - red;
  for (let x = 0, at = start; x < luma.length; x++, at += CHANNELS) {
    const value = luma[x]!;
    const cb = blueChroma[x]! - 128;
    const cr = redChroma[x]! - 128;
    colors[at + red] = clamp(value + ((RED_FROM_CR * cr + HALF) >> 16));
    colors[at + 1] = clamp(value + ((GREEN_FROM_CB * cb + GREEN_FROM_CR * cr + HALF) >> 16));
    colors[at + blue] = clamp(value + ((BLUE_FROM_CB * cb + HALF) >> 16));
  }
}

function clamp(value: number): number {
  return Math.min(Math.max(value, 0), 255);
}
