/** @file Photographs as JPEG files. */

import { encode } from 'jpeg-js';
import { withBuffer } from '../buffer-stand-in.ts';
import { CHANNELS } from '../image.ts';

/** A JPEG of `rgb`, `[size, size, 3]`, of quality 92 unless told otherwise. */
export function encodeJpeg(rgb: Uint8Array, size: number, quality = 92): Uint8Array<ArrayBuffer> {
  const rgba = new Uint8Array(size * size * 4);
  for (let pixel = 0; pixel < size * size; pixel++)
    rgba.set(rgb.subarray(CHANNELS * pixel, CHANNELS * (pixel + 1)), 4 * pixel);
  return withBuffer(() => new Uint8Array(encode({ data: rgba, width: size, height: size }, quality).data));
}
