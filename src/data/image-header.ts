/**
 * @file How large an image is, from its header, before any memory is taken for its pixels.
 */

import { check, FoveaError } from '../errors.ts';
import { leastJpegBytes } from './jpeg/frame.ts';
import { type JpegHeader, readJpegHeader } from './jpeg/header.ts';
import { leastPngBytes, type PngHeader, readPngHeader } from './png/header.ts';

/** The header of either format. */
export type ImageHeader =
  | { readonly format: 'JPEG'; readonly jpeg: JpegHeader }
  | { readonly format: 'PNG'; readonly png: PngHeader };

/** How many pixels an image may have unless the caller says otherwise: 100 megapixels. */
export const MAX_PIXELS = 100_000_000;

/** Bytes of a pixel that is not compressed, 16 bits of RGBA, and for all that is not pixels. */
const MAX_BYTES_PER_PIXEL = 8;
const MAX_OTHER_BYTES = 2 ** 26;

const JPEG_MAGIC = [0xff, 0xd8, 0xff];
const PNG_MAGIC = [0x89, 0x50, 0x4e, 0x47];

/**
 * Reads the header of a JPEG or PNG.
 *
 * @param maxPixels pixels that the image may have
 * Throws 'bad-file' for other formats, malformed headers and kinds that are not decoded, for more
 * than `maxPixels`, and for more than fit into a file of that length.
 */
export function readImageHeader(bytes: Uint8Array, maxPixels = MAX_PIXELS): ImageHeader {
  const header = readEither(bytes);
  const { width, height, leastBytes } = extentOf(header);
  checkPixels(header.format, width, height, maxPixels);
  check(leastBytes <= bytes.length, 'bad-file', () => {
    return (
      `The ${header.format}'s header says ${width}×${height} pixels, which take at least ${leastBytes} bytes, ` +
      `but the file has ${bytes.length}: it is cut off or damaged.`
    );
  });
  return header;
}

/** How long a file of at most `maxPixels` may be. */
export function maxFileBytes(maxPixels: number): number {
  return maxPixels * MAX_BYTES_PER_PIXEL + MAX_OTHER_BYTES;
}

/** Throws 'bad-file' for an image of more than `maxPixels`. */
export function checkPixels(what: string, width: number, height: number, maxPixels: number): void {
  check(width * height <= maxPixels, 'bad-file', () => {
    return (
      `The ${what} has ${width}×${height} pixels, ${width * height} in all, and at most ${maxPixels} are decoded: ` +
      'scale it down, or raise maxPixels (--max-pixels on the command line).'
    );
  });
}

/** The size of an image in pixels, and the fewest bytes that those can take. */
export interface Extent {
  readonly width: number;
  readonly height: number;
  readonly leastBytes: number;
}

/** How large the image of that header is. */
export function extentOf(header: ImageHeader): Extent {
  if (header.format === 'PNG') {
    const { width, height } = header.png;
    return { width, height, leastBytes: leastPngBytes(header.png) };
  }
  const { frame } = header.jpeg;
  return { width: frame.width, height: frame.height, leastBytes: leastJpegBytes(frame) };
}

function readEither(bytes: Uint8Array): ImageHeader {
  if (startsWith(bytes, JPEG_MAGIC)) return { format: 'JPEG', jpeg: readJpegHeader(bytes) };
  if (startsWith(bytes, PNG_MAGIC)) return { format: 'PNG', png: readPngHeader(bytes) };
  const head = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  const found = bytes.length === 0 ? 'is empty' : `begins with ${head}`;
  throw new FoveaError('bad-file', `Neither a JPEG (ff d8 ff) nor a PNG (89 50 4e 47): the file ${found}.`);
}

/** Whether the bytes begin as a JPEG or PNG does. */
export function isJpegOrPng(bytes: Uint8Array): boolean {
  return startsWith(bytes, JPEG_MAGIC) || startsWith(bytes, PNG_MAGIC);
}

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, i) => bytes[i] === byte);
}
