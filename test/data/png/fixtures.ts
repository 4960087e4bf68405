/**
 * @file PNGs of every kind, for the tests.
 */

import { deflateSync } from 'node:zlib';
import CrcCalculator from 'pngjs/lib/crc.js';

/** A PNG of pseudo-random rows and filters. */
export interface PngRows {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colorType: number;
  readonly interlaced: boolean;
  readonly seed: number;
}

const CHANNELS: Record<number, number> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
/** First pixel and distance of pixels of Adam7's passes, along x and y. */
const PASSES = [
  [0, 8, 0, 8],
  [4, 8, 0, 8],
  [0, 4, 4, 8],
  [2, 4, 0, 4],
  [0, 2, 2, 4],
  [1, 2, 0, 2],
  [0, 1, 1, 2],
] as const;

/** A chunk: length, name, data and checksum. */
export function chunkOf(name: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeInt32BE(CrcCalculator.crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** The rows of the image, each after its filter's number, pass by pass: any bytes are rows. */
export function rawBytesOf({ width, height, depth, colorType, interlaced, seed }: PngRows): Buffer {
  const passes = interlaced ? PASSES : ([[0, 1, 0, 1]] as const);
  const rows = passes.flatMap(([x, dx, y, dy]) => {
    const passWidth = Math.ceil((width - x) / dx);
    const passHeight = Math.ceil((height - y) / dy);
    if (passWidth <= 0 || passHeight <= 0) return [];
    const length = Math.ceil((passWidth * CHANNELS[colorType]! * depth) / 8);
    return Array.from({ length: passHeight }, (_, i) => ({
      length,
      salt: Math.imul(seed + 31 * x + i, 0x85ebca6b),
    }));
  });
  return Buffer.concat(
    rows.map(({ length, salt }) =>
      Buffer.from([
        (salt >>> 1) % 5,
        ...Array.from({ length }, (_, i) => Math.imul(salt + i, 0x9e3779b1) >>> 24),
      ]),
    ),
  );
}

/** The first chunk. */
export function headerChunkOf({ width, height, depth, colorType, interlaced }: PngRows): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, colorType, 0, 0, interlaced ? 1 : 0], 8);
  return chunkOf('IHDR', header);
}

/** The file. A palette has a colour for each index. */
export function pngOfRows(image: PngRows): Buffer {
  const palette = Buffer.from({ length: 3 * 2 ** Math.min(image.depth, 8) }).map((_, i) => (i * 89) & 255);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]),
    headerChunkOf(image),
    image.colorType === 3 ? chunkOf('PLTE', palette) : Buffer.alloc(0),
    chunkOf('IDAT', deflateSync(rawBytesOf(image))),
    chunkOf('IEND', Buffer.alloc(0)),
  ]);
}
