/**
 * @file A decoded image: three channels of 8 bits, interleaved.
 */

/** Which channel comes first in memory: blue, as OpenCV reads, or red. */
export type ChannelOrder = 'bgr' | 'rgb';

/** An image of `height` rows of `width` pixels of 3 bytes each, `[height, width, 3]` without gaps. */
export interface Image {
  readonly width: number;
  readonly height: number;
  readonly channels: 3;
  readonly order: ChannelOrder;
  readonly data: Uint8Array;
}

/** How many channels an {@link Image} has. */
export const CHANNELS = 3;

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
