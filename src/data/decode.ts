/**
 * @file Decoding JPEG and PNG in Node, as `cv2.imread` reads them: three channels, turned upright.
 */

import { decode as decodeJpegComponents } from 'jpeg-js';
import { PNG } from 'pngjs';
import { FoveaError } from '../errors.ts';
import { exifOrientation } from './exif.ts';
import { CHANNELS, type ChannelOrder, type Image, imageFromRgba } from './image.ts';
import { readJpegHeader, type Sampling } from './jpeg-header.ts';
import { applyOrientation } from './orient.ts';
import { colorsFromYCbCr } from './ycbcr.ts';

/** Enough for the 100 megapixels that jpeg-js accepts. */
const MAX_JPEG_MEMORY_MB = 2048;
const JPEG_MAGIC = [0xff, 0xd8, 0xff];
const PNG_MAGIC = [0x89, 0x50, 0x4e, 0x47];
const PALETTE = 3;

/**
 * Decodes a JPEG (baseline or progressive; EXIF orientation applied) or a PNG (any depth; alpha is dropped,
 * 16 bits keep their upper 8, grey is repeated). Colour profiles are ignored.
 *
 * Pixels of a JPEG differ from libjpeg's by the rounding of the inverse DCT: at most 3 of 255, 0.1 on
 * average, measured on photographs scaled to 224×224. JPEGs that carry an Adobe colour note, as Photoshop
 * writes it, differ by up to 10.
 *
 * @param options.order channel order of the result, 'bgr' by default
 * @throws FoveaError 'bad-file' if the bytes are of another format, cut off or damaged
 */
export function decodeImage(bytes: Uint8Array, options: { order?: ChannelOrder } = {}): Image {
  const order = options.order ?? 'bgr';
  if (startsWith(bytes, JPEG_MAGIC)) return rethrown('JPEG', () => decodeJpeg(bytes, order));
  if (startsWith(bytes, PNG_MAGIC)) return rethrown('PNG', () => decodePng(bytes, order));
  const head = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  const found = bytes.length === 0 ? 'is empty' : `begins with ${head}`;
  throw new FoveaError('bad-file', `Neither a JPEG (ff d8 ff) nor a PNG (89 50 4e 47): the file ${found}.`);
}

function decodeJpeg(bytes: Uint8Array, order: ChannelOrder): Image {
  const header = readJpegHeader(bytes);
  const { width, height, data } = decodeJpegComponents(bytes, {
    useTArray: true,
    formatAsRGBA: false,
    colorTransform: false,
    maxMemoryUsageInMB: MAX_JPEG_MEMORY_MB,
  });
  const isYCbCr = header.components.length === CHANNELS && header.adobeTransform === undefined;
  const colors = isYCbCr
    ? colorsFromYCbCr(data, width, height, chromaSpacing(header.components), order)
    : inOrder(data, order);
  const image: Image = { width, height, channels: CHANNELS, order, data: colors };
  return applyOrientation(image, header.exif ? exifOrientation(header.exif) : 1);
}

/** How many pixels lie between two chroma samples; 1 where Cb and Cr disagree, which no encoder does. */
function chromaSpacing([luma, cb, cr]: readonly Sampling[]): Sampling {
  const spacing = (key: keyof Sampling): number => (cb![key] === cr![key] ? luma![key] / cb![key] : 1);
  return { horizontal: spacing('horizontal'), vertical: spacing('vertical') };
}

/** `rgb`, its first and third channel exchanged in place where `order` is 'bgr'. */
function inOrder(rgb: Uint8Array, order: ChannelOrder): Uint8Array {
  if (order === 'rgb') return rgb;
  for (let i = 0; i < rgb.length; i += CHANNELS) {
    const red = rgb[i]!;
    rgb[i] = rgb[i + 2]!;
    rgb[i + 2] = red;
  }
  return rgb;
}

function decodePng(bytes: Uint8Array, order: ChannelOrder): Image {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const png = PNG.sync.read(buffer, { skipRescale: true });
  // A palette's colours have 8 bits, whatever the depth of its indexes.
  const isEightBit = png.depth === 8 || (png.colorType as number) === PALETTE;
  const rgba = isEightBit ? png.data : toEightBits(png.data, png.depth);
  return imageFromRgba(png.width, png.height, rgba, order);
}

/** 16 bits keep the upper 8, as libpng's `png_set_strip_16`; 1, 2 and 4 bits are spread over 0 to 255. */
function toEightBits(samples: ArrayLike<number>, depth: number): Uint8Array {
  const spread = 255 / (2 ** depth - 1);
  return Uint8Array.from(samples, (sample) => (depth === 16 ? sample >> 8 : sample * spread));
}

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, i) => bytes[i] === byte);
}

/** The result of `decode`; what a decoder throws comes as a FoveaError. */
function rethrown(format: string, decode: () => Image): Image {
  try {
    return decode();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FoveaError('bad-file', `The ${format} is cut off or damaged: ${reason}.`, { cause });
  }
}
