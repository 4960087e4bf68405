/**
 * @file Turning an image upright, as `cv2.imread` does.
 */

import { FoveaError } from '../errors.ts';
import { CHANNELS, type Image } from './image.ts';

/** What undoes each EXIF orientation: a transposition first, then flips of the result. */
const STEPS: Record<number, { transpose: boolean; flipX: boolean; flipY: boolean }> = {
  1: { transpose: false, flipX: false, flipY: false },
  2: { transpose: false, flipX: true, flipY: false },
  3: { transpose: false, flipX: true, flipY: true },
  4: { transpose: false, flipX: false, flipY: true },
  5: { transpose: true, flipX: false, flipY: false },
  6: { transpose: true, flipX: true, flipY: false },
  7: { transpose: true, flipX: true, flipY: true },
  8: { transpose: true, flipX: false, flipY: true },
};

/**
 * The upright image of one that was stored with EXIF orientation `orientation`; the image itself for 1.
 *
 * Throws 'invalid-argument' if the orientation is not 1 to 8.
 */
export function applyOrientation(image: Image, orientation: number): Image {
  const steps = STEPS[orientation];
  if (!steps) {
    throw new FoveaError('invalid-argument', `EXIF orientation is ${orientation}; give one of 1 to 8.`);
  }
  if (orientation === 1) return image;
  const { transpose, flipX, flipY } = steps;
  const width = transpose ? image.height : image.width;
  const height = transpose ? image.width : image.height;
  const columnStride = (transpose ? image.width : 1) * CHANNELS;
  const rowStride = (transpose ? 1 : image.width) * CHANNELS;
  const data = new Uint8Array(image.data.length);
  let to = 0;
  for (let y = 0; y < height; y++) {
    const row = (flipY ? height - 1 - y : y) * rowStride;
    for (let x = 0; x < width; x++) {
      const from = row + (flipX ? width - 1 - x : x) * columnStride;
      data[to++] = image.data[from]!;
      data[to++] = image.data[from + 1]!;
      data[to++] = image.data[from + 2]!;
    }
  }
  return { ...image, width, height, data };
}
