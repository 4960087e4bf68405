/**
 * @file From the planes of a JPEG to colours, whatever its components are.
 *
 * A colour JPEG without Adobe's note is YCbCr. With the note its transform says what it is; those are converted
 * as jpeg-js does: samples repeated, colours truncated.
 */

import { FoveaError } from '../../errors.ts';
import { CHANNELS, type ChannelOrder, exchangeRedAndBlue } from '../image.ts';
import type { Plane } from './decode-jpeg.ts';
import { colorsFromYCbCr, copyRow } from './ycbcr.ts';

/**
 * Colours of 1 (grey), 3 or 4 planes.
 *
 * @param adobeTransform Adobe's note, undefined without one
 * @param wanted rows that are needed; others may be left 0
 * @returns `[height, width, 3]` in `order`
 * Throws 'bad-file' for 4 planes without a note, which may mean anything.
 */
export function colorsOfPlanes(
  planes: readonly Plane[],
  adobeTransform: number | undefined,
  width: number,
  height: number,
  order: ChannelOrder,
  wanted?: Iterable<number>,
): Uint8Array {
  const [first, second, third, fourth] = planes;
  if (second && third && !fourth && adobeTransform === undefined) {
    return colorsFromYCbCr([first!, second, third], width, height, order, wanted);
  }
  const convert = chooseConversion(planes.length, adobeTransform);
  const colors = new Uint8Array(width * height * CHANNELS);
  const rows = planes.map(() => new Uint8Array(width));
  for (let y = 0; y < height; y++) {
    planes.forEach((plane, i) => {
      copyRow(plane, width, height, y, rows[i]!);
    });
    convert(rows, colors.subarray(y * width * CHANNELS, (y + 1) * width * CHANNELS));
  }
  if (order === 'bgr') exchangeRedAndBlue(colors);
  return colors;
}

/** Writes a row of red, green and blue. */
type ConvertRow = (components: readonly Uint8Array[], colors: Uint8Array) => void;

function chooseConversion(components: number, adobeTransform: number | undefined): ConvertRow {
  if (components === 1) return fromGrey;
  if (components === CHANNELS) return adobeTransform === 0 ? fromRgb : fromAdobeYCbCr;
  if (adobeTransform === undefined) {
    const message = 'The JPEG has 4 components and no note of Adobe’s that says which colours they are.';
    throw new FoveaError('bad-file', `${message} Save it as RGB.`);
  }
  return adobeTransform === 0 ? fromCmyk : fromYcck;
}

const fromGrey: ConvertRow = ([grey], colors) => {
  for (let at = 0; at < colors.length; at++) colors[at] = grey![Math.floor(at / CHANNELS)]!;
};

const fromRgb: ConvertRow = ([red, green, blue], colors) => {
  for (let x = 0, at = 0; at < colors.length; x++, at += CHANNELS) {
    colors[at] = red![x]!;
    colors[at + 1] = green![x]!;
    colors[at + 2] = blue![x]!;
  }
};

const fromAdobeYCbCr: ConvertRow = ([luma, blueChroma, redChroma], colors) => {
  for (let x = 0, at = 0; at < colors.length; x++, at += CHANNELS) {
    const value = luma![x]!;
    const cb = blueChroma![x]! - 128;
    const cr = redChroma![x]! - 128;
    colors[at] = clamp(value + 1.402 * cr);
    colors[at + 1] = clamp(value - 0.3441363 * cb - 0.71413636 * cr);
    colors[at + 2] = clamp(value + 1.772 * cb);
  }
};

/** Adobe stores inks inverted: 255 is none. */
const fromCmyk: ConvertRow = (inks, colors) => {
  const key = inks[3]!;
  for (let x = 0, at = 0; at < colors.length; x++) {
    const black = 255 - key[x]!;
    for (let ink = 0; ink < CHANNELS; ink++, at++) {
      colors[at] = 255 - clamp((255 - inks[ink]![x]!) * (1 - black / 255) + black);
    }
  }
};

const fromYcck: ConvertRow = (components, colors) => {
  const row = new Uint8Array(colors.length);
  fromAdobeYCbCr(components, row);
  const inks = Array.from({ length: CHANNELS }, (_, ink) =>
    components[ink]!.map((_sample, x) => 255 - row[x * CHANNELS + ink]!),
  );
  fromCmyk([...inks, components[3]!], colors);
};

function clamp(value: number): number {
  return Math.min(Math.max(value, 0), 255);
}
