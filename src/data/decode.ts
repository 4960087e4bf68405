/**
 * @file Decoding JPEG and PNG in Node, as `cv2.imread` reads them: three channels, turned upright.
 */

import { BYTES, checkArgument, checkOptions } from '../arguments.ts';
import { exifOrientation } from './exif.ts';
import { CHANNELS, type ChannelOrder, DECODE_OPTIONS, type DecodeOptions, type Image } from './image.ts';
import { type ImageHeader, readImageHeader } from './image-header.ts';
import { colorsOfPlanes } from './jpeg/colors.ts';
import { decodeJpegPlanes } from './jpeg/decode-jpeg.ts';
import type { JpegHeader } from './jpeg/header.ts';
import { applyOrientation } from './orient.ts';
import { decodePng } from './png/decode-png.ts';

/**
 * Decodes a JPEG (sequential or progressive, 8 bits, Huffman coded; EXIF orientation applied) or a PNG (any
 * depth; alpha is dropped, 16 bits keep their upper 8, grey is repeated). Colour profiles are ignored.
 *
 * Pixels of a JPEG differ from libjpeg's by the rounding of the inverse DCT: at most 3 of 255, 0.1 on
 * average, measured on photographs scaled to 224×224. JPEGs that carry an Adobe colour note, as Photoshop
 * writes it, differ by up to 10.
 *
 * Takes at most 12 bytes of memory per pixel, the result's 3 included, beside the file and, for a PNG of
 * several chunks, a copy of its compressed pixels.
 *
 * Throws 'bad-file' if the bytes are of another format, cut off or damaged, if there are more pixels
 * than `maxPixels` or than a file of that length can hold, and for JPEGs of other than 8 bits, lossless,
 * arithmetic-coded and hierarchical ones; 'invalid-argument' for other arguments.
 */
export function decodeImage(bytes: Uint8Array, options: DecodeOptions = {}): Image {
  checkArgument('what decodeImage is given', bytes, BYTES);
  checkOptions('decodeImage', options, DECODE_OPTIONS);
  return decodeWithHeader(bytes, readImageHeader(bytes, options.maxPixels), options.order ?? 'bgr');
}

/**
 * {@link decodeImage} for bytes whose header is read already.
 *
 * @param rowsOf which rows of an image of that height are needed, in rising order; others may be left 0. All by default
 */
export function decodeWithHeader(
  bytes: Uint8Array,
  header: ImageHeader,
  order: ChannelOrder,
  rowsOf?: (height: number) => Iterable<number>,
): Image {
  return header.format === 'PNG'
    ? decodePng(bytes, header.png, order)
    : decodeJpeg(bytes, header.jpeg, order, rowsOf);
}

function decodeJpeg(
  bytes: Uint8Array,
  { frame, adobeTransform, exif }: JpegHeader,
  order: ChannelOrder,
  rowsOf?: (height: number) => Iterable<number>,
): Image {
  const { width, height } = frame;
  const planes = decodeJpegPlanes(bytes, frame);
  const orientation = exif ? exifOrientation(exif) : 1;
  // Rows of what is yet to be turned are columns of the result, or come in another order.
  const wanted = orientation === 1 ? rowsOf?.(height) : undefined;
  const data = colorsOfPlanes(planes, adobeTransform, width, height, order, wanted);
  const image: Image = { width, height, channels: CHANNELS, order, data };
  return applyOrientation(image, orientation);
}
