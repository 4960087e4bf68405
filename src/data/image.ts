/**
 * @file A decoded image: three channels of 8 bits, interleaved.
 */

import { BYTES, type OptionRules, oneOf, POSITIVE, type Rule, required, whole } from '../arguments.ts';

/** Which channel comes first in memory: blue, as OpenCV reads, or red. */
export type ChannelOrder = 'bgr' | 'rgb';

/** An image of `height` rows of `width` pixels of 3 bytes each, `[height, width, 3]` without gaps. */
export interface Image {
  /** Pixels per row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Bytes per pixel. */
  readonly channels: 3;
  /** Which of the three bytes is red and which is blue. */
  readonly order: ChannelOrder;
  /** `height · width · 3` bytes, row after row from the top. */
  readonly data: Uint8Array;
}

/** How many channels an {@link Image} has. */
export const CHANNELS = 3;

/** A {@link ChannelOrder}. */
export const CHANNEL_ORDER: Rule = oneOf('bgr', 'rgb');

/** The rules of an {@link Image}; how long `data` is, they do not say. */
export const IMAGE: OptionRules<Image> = {
  width: required(whole(1)),
  height: required(whole(1)),
  channels: required(oneOf(CHANNELS)),
  order: required(CHANNEL_ORDER),
  data: required(BYTES),
};

/** How an image is decoded. */
export interface DecodeOptions {
  /** Channel order of the result, 'bgr' by default. */
  readonly order?: ChannelOrder;
  /** How many pixels the image may have, 100 million by default. */
  readonly maxPixels?: number;
}

/** The rules of {@link DecodeOptions}. */
export const DECODE_OPTIONS: OptionRules<DecodeOptions> = { order: CHANNEL_ORDER, maxPixels: POSITIVE };

/** The image of `rgba`, `[height, width, 4]` values of 0 to 255; alpha is dropped, not blended. */
export function imageFromRgba(
  width: number,
  height: number,
  rgba: ArrayLike<number>,
  order: ChannelOrder,
): Image {
  const data = new Uint8Array(width * height * CHANNELS);
  const red = order === 'rgb' ? 0 : 2;
  const blue = 2 - red;
  for (let from = 0, to = 0; to < data.length; from += 4, to += CHANNELS) {
    data[to + red] = rgba[from]!;
    data[to + 1] = rgba[from + 1]!;
    data[to + blue] = rgba[from + 2]!;
  }
  return { width, height, channels: CHANNELS, order, data };
}

/** Makes RGB of BGR, and the other way round, in place. */
export function exchangeRedAndBlue(colors: Uint8Array): void {
  for (let at = 0; at < colors.length; at += CHANNELS) {
    const first = colors[at]!;
    colors[at] = colors[at + 2]!;
    colors[at + 2] = first;
  }
}
