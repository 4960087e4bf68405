/**
 * @file Decoding JPEG and PNG in Node.
 */

import { inflateSync } from 'node:zlib';
import { BYTES, checkArgument, checkOptions } from '../arguments.ts';
import { type DecodeManner, decodeByHeader } from './decode-header.ts';
import { type ChannelOrder, DECODE_OPTIONS, type DecodeOptions, type Image } from './image.ts';
import { type ImageHeader, readImageHeader } from './image-header.ts';
import type { Inflate } from './png/decode-png.ts';

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

/** {@link decodeImage} for bytes whose header is read already; `rowsOf` as in {@link DecodeManner}. */
export function decodeWithHeader(
  bytes: Uint8Array,
  header: ImageHeader,
  order: ChannelOrder,
  rowsOf?: DecodeManner['rowsOf'],
): Image {
  return decodeByHeader(bytes, header, { order, rowsOf, inflate });
}

/** One chunk as large as the result: zlib hands it on as it is. */
const inflate: Inflate = (compressed, maxBytes) =>
  inflateSync(compressed, { chunkSize: maxBytes, maxOutputLength: maxBytes });
