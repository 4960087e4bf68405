import { deflateSync } from 'node:zlib';
import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';
import { decodeImage } from '../../../src/data/decode.ts';
import fc from '../../support/fast-check.ts';
import { chunkOf, headerChunkOf as header, type PngRows, pngOfRows, rawBytesOf } from './fixtures.ts';

/** What pngjs as a whole makes of it, red first: `[height, width, 3]`. */
function pngjs(file: Buffer): number[] {
  const png = PNG.sync.read(file, { skipRescale: true } as object);
  const isPalette = (png as unknown as { colorType: number }).colorType === 3;
  const { depth } = png as unknown as { depth: number };
  const eightBits = (sample: number) => (depth === 16 ? sample >> 8 : (sample * 255) / (2 ** depth - 1));
  const samples = Array.from(png.data as ArrayLike<number>, isPalette ? (sample) => sample : eightBits);
  return samples.filter((_, i) => i % 4 !== 3);
}

/** Images of every kind, with any filters. */
const images: fc.Arbitrary<PngRows> = fc
  .record({
    kind: fc.constantFrom(
      ...[1, 2, 4, 8, 16].map((depth) => ({ colorType: 0, depth })),
      ...[8, 16].flatMap((depth) => [2, 4, 6].map((colorType) => ({ colorType, depth }))),
      ...[1, 2, 4, 8].map((depth) => ({ colorType: 3, depth })),
    ),
    width: fc.integer({ min: 1, max: 21 }),
    height: fc.integer({ min: 1, max: 21 }),
    interlaced: fc.boolean(),
    seed: fc.integer(),
  })
  .map(({ kind, ...rest }) => ({ ...kind, ...rest }));

describe('decodePng', () => {
  it('gives the pixels of pngjs, for every kind of PNG', () => {
    fc.assert(
      fc.property(images, (image) => {
        const file = pngOfRows(image);
        expect([...decodeImage(file, { order: 'rgb' }).data]).toEqual(pngjs(file));
      }),
      { numRuns: 300 },
    );
  });

  const plain = { colorType: 2, depth: 8, width: 3, height: 2, interlaced: false, seed: 1 } as const;
  const signature = pngOfRows(plain).subarray(0, 8);
  const end = chunkOf('IEND', Buffer.alloc(0));
  const fileOf = (...chunks: Uint8Array[]) => Buffer.concat([signature, ...chunks, end]);

  it('keeps colours that are declared transparent: alpha is dropped', () => {
    const rows = Buffer.from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 9, 9, 9, 8, 8, 8, 1, 2, 3]);
    const transparent = chunkOf('tRNS', Buffer.from([0, 1, 0, 2, 0, 3]));
    const file = fileOf(header(plain), transparent, chunkOf('IDAT', deflateSync(rows)));
    expect([...decodeImage(file, { order: 'rgb' }).data.subarray(0, 3)]).toEqual([1, 2, 3]);
  });

  it('passes over bytes after the last row', () => {
    const rows = Buffer.concat([rawBytesOf(plain), Buffer.alloc(100)]);
    const file = fileOf(header(plain), chunkOf('IDAT', deflateSync(rows)));
    expect(decodeImage(file).data).toEqual(decodeImage(pngOfRows(plain)).data);
  });

  it('reads pixels that are spread over chunks', () => {
    const compressed = deflateSync(rawBytesOf(plain));
    const parts = [...compressed].map((byte) => chunkOf('IDAT', Buffer.from([byte])));
    expect(decodeImage(fileOf(header(plain), ...parts))).toEqual(decodeImage(pngOfRows(plain)));
  });

  it.each([
    [
      'too few rows',
      fileOf(header(plain), chunkOf('IDAT', deflateSync(rawBytesOf(plain).subarray(1)))),
      /cut off or damaged/,
    ],
    [
      'rows without end',
      fileOf(header(plain), chunkOf('IDAT', deflateSync(Buffer.alloc(1e6)))),
      /cut off or damaged/,
    ],
    ['no pixels', fileOf(header(plain)), /cut off or damaged/],
    [
      'no palette',
      fileOf(header({ ...plain, colorType: 3 }), chunkOf('IDAT', deflateSync(Buffer.alloc(9)))),
      /palette has 0 bytes/,
    ],
    [
      'a palette without end',
      fileOf(header({ ...plain, colorType: 3 }), chunkOf('PLTE', Buffer.alloc(1e6))),
      /palette has 1000000 bytes/,
    ],
    [
      'a colour beyond the palette',
      fileOf(
        header({ ...plain, colorType: 3 }),
        chunkOf('PLTE', Buffer.alloc(6)),
        chunkOf('IDAT', deflateSync(Buffer.from([0, 0, 1, 2, 0, 0, 0, 0]))),
      ),
      /colour 2 of 2/,
    ],
    [
      'a filter that does not exist',
      fileOf(header(plain), chunkOf('IDAT', deflateSync(Buffer.alloc(20, 9)))),
      /filter type/,
    ],
    ['a chunk that must be understood', fileOf(header(plain), chunkOf('ABCD', Buffer.alloc(0))), /"ABCD"/],
    [
      'a depth that the colour type does not have',
      pngOfRows({ ...plain, depth: 4 }),
      /colour type 2 with 4 bits/,
    ],
    ['no pixels at all', pngOfRows({ ...plain, width: 0 }), /0×2 pixels/],
  ])('refuses %s', (_name, file, message) => {
    expect(() => decodeImage(file)).toThrow(
      expect.objectContaining({ code: 'bad-file', message: expect.stringMatching(message) }),
    );
  });

  it('refuses a damaged checksum', () => {
    const file = pngOfRows(plain);
    file[file.length - 20]! ^= 1;
    expect(() => decodeImage(file)).toThrow(/does not match its checksum/);
  });

  it('refuses a header that declares more than deflate can hold in such a file', () => {
    const file = fileOf(
      header({ ...plain, width: 10_000, height: 10_000 }),
      chunkOf('IDAT', deflateSync(Buffer.alloc(1e6))),
    );
    expect(() => decodeImage(file)).toThrow(/10000×10000 pixels, which take at least 290698 bytes/);
  });
});
