/**
 * @file Decodes a PNG: pngjs checks and unfilters, and each row becomes pixels at once.
 *
 * pngjs as a whole keeps the rows, their concatenation, RGBA and a number per sample beside each other, up to
 * 40 bytes per pixel. Here the inflated rows lie beside the image alone.
 */

import CrcCalculator from 'pngjs/lib/crc.js';
import Filter, { type FilteredImage, type Read } from 'pngjs/lib/filter-parse.js';
import interlace from 'pngjs/lib/interlace.js';
import { counted } from '../../counted.ts';
import { check, FoveaError } from '../../errors.ts';
import { concatenated } from '../../io/bytes.ts';
import { withBuffer } from '../buffer-stand-in.ts';
import { CHANNELS, type ChannelOrder, type Image } from '../image.ts';
import { type PngChunk, type PngHeader, pngChunks, rowBytes } from './header.ts';

/** Bytes after the last row that are passed over, as libpng does. */
const SPARE_BYTES = 65_536;
const MAX_COLORS = 256;

/** The bytes that zlib compressed, at most `maxBytes`; what follows them is passed over. Throws where there are more, or they are damaged. */
export type Inflate = (compressed: Uint8Array, maxBytes: number) => Uint8Array;

/**
 * The pixels of a PNG: alpha is dropped, not blended; 16 bits keep their upper 8; grey is repeated.
 *
 * Throws 'bad-file' where it is cut off or damaged.
 */
export function decodePng(
  bytes: Uint8Array,
  header: PngHeader,
  order: ChannelOrder,
  inflate: Inflate,
): Image {
  const { palette, compressed } = readChunks(bytes, header);
  const rows = rowsOf(compressed, header, inflate);
  return { ...imageOfRows(rows, header, palette, order), order };
}

/** The palette, RGB by index, and the compressed rows. */
interface PngData {
  readonly palette: Uint8Array;
  readonly compressed: Uint8Array;
}

function readChunks(bytes: Uint8Array, { hasPalette }: PngHeader): PngData {
  let palette: Uint8Array = new Uint8Array();
  const parts: Uint8Array[] = [];
  for (const chunk of pngChunks(bytes)) {
    const { type, data } = chunk;
    const isCritical = type.charCodeAt(0) < 0x60; // an upper-case letter
    if (isCritical) checkCritical(chunk, bytes);
    if (type === 'PLTE') palette = data;
    if (type === 'IDAT') parts.push(data);
  }
  check(!hasPalette || (palette.length > 0 && palette.length <= MAX_COLORS * CHANNELS), 'bad-file', () => {
    return `The PNG is damaged: its palette has ${counted(palette.length, 'byte')}, not 3 to ${MAX_COLORS * CHANNELS}.`;
  });
  return { palette, compressed: concatenated(parts) };
}

function checkCritical({ type, data, start }: PngChunk, bytes: Uint8Array): void {
  check(['IHDR', 'PLTE', 'IDAT', 'IEND'].includes(type), 'bad-file', () => {
    return `The PNG has a chunk ${JSON.stringify(type)} that is critical but not supported.`;
  });
  const end = start + 4 + data.length;
  const stored = new DataView(bytes.buffer, bytes.byteOffset + end, 4).getInt32(0);
  check(CrcCalculator.crc32(bytes.subarray(start, end)) === stored, 'bad-file', () => {
    return `The PNG is damaged: its chunk ${type} at byte ${start - 4} does not match its checksum.`;
  });
}

/** All rows, each after a byte that names its filter. */
function rowsOf(compressed: Uint8Array, header: PngHeader, inflate: Inflate): Uint8Array {
  const length = passesOf(header).reduce((sum, { width, height }) => {
    return sum + height * (1 + rowBytes(width, header));
  }, 0);
  try {
    return inflate(compressed, length + SPARE_BYTES).subarray(0, length);
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new FoveaError('bad-file', `The PNG is cut off or damaged: ${reason}.`, { cause });
  }
}

function passesOf({ interlaced, width, height }: PngHeader) {
  return interlaced ? interlace.getImagePasses(width, height) : [{ width, height, index: 0 }];
}

function imageOfRows(rows: Uint8Array, header: PngHeader, palette: Uint8Array, order: ChannelOrder) {
  const { width, height, channels, depth, interlaced } = header;
  const passes = passesOf(header);
  const place = interlaced ? interlace.getInterlaceIterator(width) : undefined;
  const data = new Uint8Array(width * height * CHANNELS);
  let pass = 0;
  let y = 0;
  const write = (row: Uint8Array): void => {
    const { width: passWidth, height: passHeight, index } = passes[pass]!;
    const colors = colorsOfRow(row, passWidth, header, palette, order);
    for (let x = 0; place && x < passWidth; x++) {
      data.set(colors.subarray(x * CHANNELS, (x + 1) * CHANNELS), (place(x, y, index) / 4) * CHANNELS);
    }
    if (!place) data.set(colors, y * width * CHANNELS);
    y += 1;
    if (y === passHeight) [pass, y] = [pass + 1, 0];
  };
  const info = { width, height, interlace: interlaced, bpp: channels, depth };
  try {
    withBuffer(() => unfilter(rows, info, write));
  } catch (cause) {
    if (cause instanceof FoveaError) throw cause;
    const reason = (cause as Error).message;
    throw new FoveaError('bad-file', `The PNG is cut off or damaged: ${reason}.`, { cause });
  }
  return { width, height, channels: CHANNELS, data } as const;
}

/** Undoes the filters of `rows`, one after another. Throws where a filter is unknown or rows are missing. */
function unfilter(rows: Uint8Array, info: FilteredImage, write: (row: Uint8Array) => void): void {
  let next: { readonly length: number; readonly take: (bytes: Uint8Array) => void } | undefined;
  const read: Read = (length, take) => {
    next = { length, take };
  };
  new Filter(info, { read, write, complete() {} }).start();
  for (let at = 0; next; ) {
    const { length, take } = next;
    next = undefined;
    if (at + length > rows.length) throw new Error('its last rows are missing');
    take(rows.subarray(at, at + length));
    at += length;
  }
}

/** `[width, 3]` colours of an unfiltered row. */
function colorsOfRow(
  row: Uint8Array,
  width: number,
  header: PngHeader,
  palette: Uint8Array,
  order: ChannelOrder,
): Uint8Array {
  const { channels, hasPalette } = header;
  const samples = samplesOfRow(row, width * channels, header);
  const colors = new Uint8Array(width * CHANNELS);
  const red = order === 'rgb' ? 0 : 2;
  const blue = 2 - red;
  const source = hasPalette ? palette : samples;
  const isGrey = !hasPalette && channels < CHANNELS;
  for (let x = 0, to = 0; x < width; x++, to += CHANNELS) {
    const from = hasPalette ? samples[x]! * CHANNELS : x * channels;
    if (hasPalette && from + 2 >= palette.length) throw unknownColor(samples[x]!, palette);
    colors[to + red] = source[from]!;
    colors[to + 1] = source[isGrey ? from : from + 1]!;
    colors[to + blue] = source[isGrey ? from : from + 2]!;
  }
  return colors;
}

function unknownColor(index: number, palette: Uint8Array): FoveaError {
  const colors = Math.floor(palette.length / CHANNELS);
  return new FoveaError(
    'bad-file',
    `The PNG is damaged: a pixel has colour ${index} of ${colors} in its palette.`,
  );
}

/**
 * Samples of 8 bits: of 16 the upper 8, as libpng's `png_set_strip_16`; 1, 2 and 4 are spread over 0 to 255,
 * but for indexes.
 */
function samplesOfRow(row: Uint8Array, count: number, { depth, hasPalette }: PngHeader): Uint8Array {
  if (depth === 8) return row;
  const samples = new Uint8Array(count);
  const mask = 2 ** depth - 1;
  const spread = hasPalette ? 1 : 255 / mask;
  for (let i = 0; i < count; i++) {
    const bit = i * depth;
    samples[i] = depth === 16 ? row[2 * i]! : ((row[bit >> 3]! >> (8 - depth - (bit & 7))) & mask) * spread;
  }
  return samples;
}
