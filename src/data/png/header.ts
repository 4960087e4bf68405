/**
 * @file What stands before a PNG's pixels, and its chunks.
 *
 * ISO/IEC 15948, section 5.3: after the signature come chunks: length of the data (4 bytes), type (4), data,
 * CRC-32 of type and data (4).
 */

import { counted } from '../../counted.ts';
import { check } from '../../errors.ts';

/** What the first chunk says. */
export interface PngHeader {
  readonly width: number;
  readonly height: number;
  /** Bits per sample, or per index into the palette. */
  readonly depth: 1 | 2 | 4 | 8 | 16;
  readonly hasPalette: boolean;
  /** Samples per pixel: 1 grey or index, 2 grey and alpha, 3 RGB, 4 RGBA. */
  readonly channels: number;
  readonly interlaced: boolean;
}

/** By colour type: samples per pixel, and the depths allowed. */
const COLOR_TYPES = new Map([
  [0, { channels: 1, depths: [1, 2, 4, 8, 16] }],
  [2, { channels: 3, depths: [8, 16] }],
  [3, { channels: 1, depths: [1, 2, 4, 8] }],
  [4, { channels: 2, depths: [8, 16] }],
  [6, { channels: 4, depths: [8, 16] }],
]);
const PALETTE = 3;
const SIGNATURE_BYTES = 8;
const HEADER_BYTES = 13;
const MAX_SIDE = 2 ** 31 - 1;
/** Deflate codes at most 258 bytes in 2 bits. */
const MAX_RATIO = (258 * 8) / 2;

/** Reads the first chunk, IHDR. Throws 'bad-file' where it is malformed. */
export function readPngHeader(bytes: Uint8Array): PngHeader {
  const start = SIGNATURE_BYTES + 8;
  check(bytes.length >= start + HEADER_BYTES, 'bad-file', () => {
    return `The PNG is cut off: it has ${counted(bytes.length, 'byte')}, and its header alone takes ${start + HEADER_BYTES}.`;
  });
  const type = String.fromCharCode(...bytes.subarray(start - 4, start));
  const view = new DataView(bytes.buffer, bytes.byteOffset + start - 8, 8 + HEADER_BYTES);
  check(type === 'IHDR' && view.getUint32(0) === HEADER_BYTES, 'bad-file', () => {
    return 'The PNG is damaged: it does not begin with a header chunk of 13 bytes.';
  });
  const width = view.getUint32(8);
  const height = view.getUint32(12);
  const [depth, colorType, compression, filter, interlace] = bytes.subarray(start + 8, start + HEADER_BYTES);
  check(width > 0 && height > 0 && width <= MAX_SIDE && height <= MAX_SIDE, 'bad-file', () => {
    return `The PNG is damaged: its header says ${width}×${height} pixels.`;
  });
  const color = COLOR_TYPES.get(colorType!);
  check(color?.depths.includes(depth!) === true, 'bad-file', () => {
    return `The PNG is damaged: its header says colour type ${colorType} with ${depth} bits.`;
  });
  check(compression === 0 && filter === 0 && interlace! <= 1, 'bad-file', () => {
    const methods = `compression ${compression}, filter ${filter}, interlace ${interlace}`;
    return `The PNG is damaged: its header says ${methods}; 0, 0 and 0 or 1 are known.`;
  });
  return {
    width,
    height,
    depth: depth as PngHeader['depth'],
    hasPalette: colorType === PALETTE,
    channels: color!.channels,
    interlaced: interlace === 1,
  };
}

/** Bytes of a row of `width` pixels, without that of its filter. */
export function rowBytes(width: number, { channels, depth }: PngHeader): number {
  return Math.ceil((width * channels * depth) / 8);
}

/** The fewest bytes that such an image's pixels can take. */
export function leastPngBytes(header: PngHeader): number {
  return Math.ceil((header.height * rowBytes(header.width, header)) / MAX_RATIO);
}

/** A chunk's type, such as `IDAT`, and its data; `start` is where the type stands. */
export interface PngChunk {
  readonly type: string;
  readonly data: Uint8Array;
  readonly start: number;
}

/** The chunks up to the last one, IEND. Throws 'bad-file' where the file ends before it. */
export function* pngChunks(bytes: Uint8Array): Generator<PngChunk, void, void> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let type = '';
  for (let offset = SIGNATURE_BYTES; type !== 'IEND'; ) {
    const length = offset + 12 <= bytes.length ? view.getUint32(offset) : Number.POSITIVE_INFINITY;
    const start = offset + 4;
    check(start + 8 + length <= bytes.length, 'bad-file', () => {
      return `The PNG is cut off: a chunk at byte ${offset} does not fit in its ${counted(bytes.length, 'byte')}.`;
    });
    type = String.fromCharCode(...bytes.subarray(start, start + 4));
    yield { type, data: bytes.subarray(start + 4, start + 4 + length), start };
    offset = start + 8 + length;
  }
}
