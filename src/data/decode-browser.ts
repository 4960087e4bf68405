/**
 * @file Decoding in browsers, by the browser's own decoders.
 */

import { FoveaError } from '../errors.ts';
import { type ChannelOrder, type Image, imageFromRgba } from './image.ts';

/**
 * Decodes any format the browser knows; EXIF orientation applied, colour profiles ignored. Pixels that are
 * not opaque are blended with black.
 *
 * @param source the file, or its bytes
 * @param options.order channel order of the result, 'bgr' by default
 * @throws FoveaError 'bad-file' if the browser cannot decode it
 */
export async function decodeImage(
  source: Blob | BufferSource,
  options: { order?: ChannelOrder } = {},
): Promise<Image> {
  const blob = source instanceof Blob ? source : new Blob([source]);
  const bitmap = await createImageBitmap(blob, {
    imageOrientation: 'from-image',
    colorSpaceConversion: 'none',
  }).catch((cause: unknown) => {
    const message = `The browser cannot decode this image of ${blob.size} bytes: give a JPEG or PNG.`;
    throw new FoveaError('bad-file', message, { cause });
  });
  try {
    const { width, height } = bitmap;
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
