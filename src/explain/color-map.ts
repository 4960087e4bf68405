/**
 * @file The colours of maps: from dark violet over green to light yellow, even to the eye.
 *
 * A helix in Oklab, along which lightness and hue change at a constant rate and chroma does not: equal steps of the value are equal
 * distances there. (B. Ottosson, "A perceptual color space for image processing", 2020.)
 */

import { CHANNELS, type ChannelOrder } from '../data/image.ts';

/** Lightness at 0 and at 1. */
const LIGHTNESS = [0.35, 0.95] as const;
/** Hue at 0 and at 1, in degrees. */
const HUE = [300, 105] as const;
/** Nearly the most that sRGB has along the whole way. */
const CHROMA = 0.105;

/** How many colours {@link colorTable} has. */
export const COLORS = 256;

/** The colours of 0, 1/255, …, 1: bytes in the given order, `[256, 3]`. */
export function colorTable(order: ChannelOrder): Uint8Array {
  const table = new Uint8Array(CHANNELS * COLORS);
  for (let i = 0; i < COLORS; i++) {
    const color = colorAt(i / (COLORS - 1));
    table.set(order === 'rgb' ? color : color.reverse(), CHANNELS * i);
  }
  return table;
}

/** The colour of a value from 0 to 1: red, green and blue, 0 to 255, rounded. */
function colorAt(value: number): number[] {
  const [lightness, degrees] = [LIGHTNESS, HUE].map(([from, to]) => from + (to - from) * value);
  const hue = (degrees! * Math.PI) / 180;
  return linearFromOklab(lightness!, CHROMA * Math.cos(hue), CHROMA * Math.sin(hue)).map((light) =>
    Math.round(255 * gamma(light)),
  );
}

/** Linear light of sRGB's primaries, by Ottosson's matrices. */
function linearFromOklab(lightness: number, a: number, b: number): number[] {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

/** IEC 61966-2-1. */
function gamma(light: number): number {
  return light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055;
}
