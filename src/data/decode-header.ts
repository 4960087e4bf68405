/**
 * @file Decoding JPEG and PNG, as `cv2.imread` reads them: three channels, turned upright. The same pixels in Node and in browsers.
 */

import { exifOrientation } from './exif.ts';
import { CHANNELS, type ChannelOrder, type Image } from './image.ts';
import type { ImageHeader } from './image-header.ts';
import { colorsOfPlanes } from './jpeg/colors.ts';
import { decodeJpegPlanes } from './jpeg/decode-jpeg.ts';
import type { JpegHeader } from './jpeg/header.ts';
import { applyOrientation } from './orient.ts';
import { decodePng, type Inflate } from './png/decode-png.ts';

/** How an image whose header was read is decoded. */
export interface DecodeManner {
  readonly order: ChannelOrder;
  /** Which rows of an image of that height are needed, in rising order; others may be left 0. All by default. */
  readonly rowsOf?: ((height: number) => Iterable<number>) | undefined;
  /** By which the rows of a PNG are decompressed. */
  readonly inflate: Inflate;
}

/** The pixels of a JPEG or PNG whose header was read. Throws 'bad-file' where it is cut off or damaged. */
export function decodeByHeader(bytes: Uint8Array, header: ImageHeader, manner: DecodeManner): Image {
  return header.format === 'PNG'
    ? decodePng(bytes, header.png, manner.order, manner.inflate)
    : decodeJpeg(bytes, header.jpeg, manner);
}

function decodeJpeg(
  bytes: Uint8Array,
  { frame, adobeTransform, exif }: JpegHeader,
  { order, rowsOf }: DecodeManner,
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
