/**
 * @file Writing PNGs (Node).
 */

import { PNG } from 'pngjs';
import { checkProperties } from '../../arguments.ts';
import { check } from '../../errors.ts';
import { CHANNELS, exchangeRedAndBlue, IMAGE, type Image } from '../image.ts';

/** How pngjs calls colours without alpha. */
const RGB = 2;

/**
 * The PNG file of `image`, 8 bits per channel. Throws 'invalid-argument' for a malformed image, 'shape-mismatch' where it has other than
 * 3 bytes per pixel.
 */
export function encodePng(image: Image): Uint8Array {
  checkProperties('the image of encodePng', image, IMAGE);
  const { width, height, order, data } = image;
  check(data.length === width * height * CHANNELS, 'shape-mismatch', () => {
    return `encodePng: an image of ${width}×${height} pixels has ${CHANNELS} bytes each, but its data has ${data.length}`;
  });
  const png = new PNG({ width, height, inputColorType: RGB, colorType: RGB, inputHasAlpha: false });
  png.data = Buffer.from(data);
  if (order === 'bgr') exchangeRedAndBlue(png.data);
  return PNG.sync.write(png, { colorType: RGB, inputColorType: RGB, inputHasAlpha: false });
}
