/**
 * @file Decoding in browsers, by the browser's own decoders.
 */

import { checkArgument, checkOptions, type Rule } from '../../arguments.ts';
import { counted } from '../../counted.ts';
import { FoveaError } from '../../errors.ts';
import { DECODE_OPTIONS, type DecodeOptions, type Image, imageFromRgba } from '../image.ts';

const SOURCE: Rule = {
  holds: (value) => value instanceof Blob || value instanceof ArrayBuffer || ArrayBuffer.isView(value),
  words: 'a Blob, an ArrayBuffer or bytes',
};

/**
 * Decodes any format the browser knows; EXIF orientation applied, colour profiles ignored. Pixels that are
 * not opaque are blended with black. How many pixels a JPEG or PNG has is known before it is decoded, as is whether a file of
 * that length can hold them.
 *
 * @param source the file, or its bytes
 * Throws 'bad-file' if the browser cannot decode it or it has more pixels, and for the JPEGs that
 * are not decoded in Node either; 'invalid-argument' for other arguments.
 */
export async function decodeImage(source: Blob | BufferSource, options: DecodeOptions = {}): Promise<Image> {
  checkArgument('what decodeImage is given', source, SOURCE);
  checkOptions('decodeImage', options, DECODE_OPTIONS);
  const blob = source instanceof Blob ? source : new Blob([source]);
  const [header, buffer] = await Promise.all([import('../image-header.ts'), blob.arrayBuffer()]);
  const { maxPixels = header.MAX_PIXELS } = options;
  const bytes = new Uint8Array(buffer);
  if (header.isJpegOrPng(bytes)) header.readImageHeader(bytes, maxPixels);
  const bitmap = await createImageBitmap(blob, {
    imageOrientation: 'from-image',
    colorSpaceConversion: 'none',
  }).catch((cause: unknown) => {
    const message = `The browser cannot decode this image of ${counted(blob.size, 'byte')}: give a JPEG or PNG.`;
    throw new FoveaError('bad-file', message, { cause });
  });
  try {
    const { width, height } = bitmap;
    header.checkPixels('image', width, height, maxPixels);
    const context = new OffscreenCanvas(width, height).getContext('2d', {
      alpha: false,
      willReadFrequently: true,
    });
    if (!context)
      throw new FoveaError('unsupported', 'The browser gives no 2D context for an OffscreenCanvas.');
    context.drawImage(bitmap, 0, 0);
    return imageFromRgba(
      width,
      height,
      context.getImageData(0, 0, width, height).data,
      options.order ?? 'bgr',
    );
  } finally {
    bitmap.close();
  }
}
