import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decodeImage } from '../../../src/data/decode.ts';
import { leastPngBytes, pngChunks, readPngHeader, rowBytes } from '../../../src/data/png/header.ts';
import { chunkOf, headerChunkOf, pngOfRows, rawBytesOf } from './fixtures.ts';

const plain = { colorType: 2, depth: 8, width: 3, height: 2, interlaced: false, seed: 1 } as const;
const file = pngOfRows(plain);
const signature = file.subarray(0, 8);

/** A file that begins with the chunk. */
const beginning = (chunk: Uint8Array) => Buffer.concat([signature, chunk, file.subarray(33)]);

/** The file with bytes of its header chunk's data changed. */
const withHeaderByte = (at: number, value: number) => {
  const changed = Buffer.from(file);
  changed[16 + at] = value;
  return changed;
};

const refusal = (message: RegExp) =>
  expect.objectContaining({ code: 'bad-file', message: expect.stringMatching(message) });

describe('readPngHeader', () => {
  it('reads size, depth, kind and order', () => {
    expect(readPngHeader(file)).toEqual({
      width: 3,
      height: 2,
      depth: 8,
      hasPalette: false,
      channels: 3,
      interlaced: false,
    });
    const palette = { ...plain, colorType: 3, depth: 4, interlaced: true };
    expect(readPngHeader(pngOfRows(palette))).toMatchObject({
      depth: 4,
      hasPalette: true,
      channels: 1,
      interlaced: true,
    });
  });

  it('takes no more bytes than it needs', () => {
    expect(readPngHeader(file.subarray(0, 29)).width).toBe(3);
    for (let length = 0; length < 29; length++) {
      expect(() => readPngHeader(file.subarray(0, length))).toThrow(
        refusal(new RegExp(`cut off: it has ${length} bytes?, and its header alone takes 29`)),
      );
    }
  });

  it('reads from the middle of a buffer', () => {
    const padded = Buffer.concat([Buffer.alloc(7, 0xff), file]);
    expect(readPngHeader(padded.subarray(7))).toEqual(readPngHeader(file));
  });

  it('refuses what does not begin with a header', () => {
    const header = headerChunkOf(plain);
    const other = Buffer.from(header);
    other.write('IEND', 4, 'latin1');
    const long = Buffer.from(header);
    long[3] = 14;
    for (const chunk of [other, long]) {
      expect(() => readPngHeader(beginning(chunk))).toThrow(refusal(/header chunk of 13 bytes/));
    }
  });

  it('refuses methods that are not known, saying which', () => {
    for (const [at, methods] of [
      [10, 'compression 1, filter 0, interlace 0'],
      [11, 'compression 0, filter 1, interlace 0'],
      [12, 'compression 0, filter 0, interlace 2'],
    ] as const) {
      const changed = withHeaderByte(at, at === 12 ? 2 : 1);
      expect(() => readPngHeader(changed)).toThrow(refusal(new RegExp(methods)));
    }
  });

  it('refuses sides of no pixels and of more than 31 bits', () => {
    expect(() => readPngHeader(pngOfRows({ ...plain, width: 0 }))).toThrow(refusal(/0×2 pixels/));
    expect(() => readPngHeader(pngOfRows({ ...plain, height: 0 }))).toThrow(refusal(/3×0 pixels/));
    expect(() => readPngHeader(withHeaderByte(0, 0x80))).toThrow(refusal(/2147483651×2 pixels/));
    expect(() => readPngHeader(withHeaderByte(4, 0x80))).toThrow(refusal(/3×2147483650 pixels/));
    const widest = Buffer.from(file);
    widest.writeUInt32BE(2 ** 31 - 1, 16);
    widest.writeUInt32BE(2 ** 31 - 1, 20);
    expect(readPngHeader(widest)).toMatchObject({ width: 2 ** 31 - 1, height: 2 ** 31 - 1 });
  });

  it('refuses colour types and depths that do not exist', () => {
    expect(() => readPngHeader(withHeaderByte(9, 5))).toThrow(refusal(/colour type 5 with 8 bits/));
    expect(() => readPngHeader(withHeaderByte(8, 3))).toThrow(refusal(/colour type 2 with 3 bits/));
  });
});

it('rows end with whole bytes, and pixels take at least what deflate can make of them', () => {
  const grey = readPngHeader(pngOfRows({ ...plain, colorType: 0, depth: 1 }));
  expect([1, 8, 9].map((width) => rowBytes(width, grey))).toEqual([1, 1, 2]);
  const deep = readPngHeader(pngOfRows({ ...plain, colorType: 6, depth: 16 }));
  expect(rowBytes(3, deep)).toBe(3 * 4 * 2);
  expect(leastPngBytes({ ...deep, width: 129, height: 2 })).toBe(2);
  expect(leastPngBytes({ ...deep, width: 129, height: 3 })).toBe(3);
  // Zeros are what deflate shrinks most: such a file is read.
  const zeros = { ...plain, width: 1000, height: 1000 };
  const rows = deflateSync(Buffer.alloc(1000 * 3001), { level: 9 });
  const flat = beginning(
    Buffer.concat([headerChunkOf(zeros), chunkOf('IDAT', rows), chunkOf('IEND', Buffer.alloc(0))]),
  );
  expect(decodeImage(flat).data.every((sample) => sample === 0)).toBe(true);
});

describe('pngChunks', () => {
  it('gives each chunk with its type, its data and where it stands, up to the last one', () => {
    const found = [...pngChunks(Buffer.concat([file, Buffer.from('more')]))];
    expect(found.map(({ type }) => type)).toEqual(['IHDR', 'IDAT', 'IEND']);
    expect(found.map(({ start }) => start)).toEqual([12, 37, file.length - 8]);
    const [header, pixels, end] = found;
    expect([header!.data.length, end!.data.length]).toEqual([13, 0]);
    expect(Buffer.from(pixels!.data)).toEqual(deflateSync(rawBytesOf(plain)));
  });

  it('refuses a file that ends anywhere before the last one does', () => {
    for (let length = 8; length < file.length; length++) {
      expect(() => [...pngChunks(file.subarray(0, length))]).toThrow(
        refusal(new RegExp(`cut off: a chunk at byte \\d+ does not fit in its ${length} bytes`)),
      );
    }
  });
});

describe('a damaged PNG', () => {
  const end = chunkOf('IEND', Buffer.alloc(0));
  const fileOf = (...chunks: Uint8Array[]) => Buffer.concat([signature, ...chunks, end]);
  const pixels = chunkOf('IDAT', deflateSync(rawBytesOf(plain)));

  it('is told by the chunk whose checksum is wrong, and where it stands', () => {
    const changed = Buffer.from(file);
    changed[changed.length - 20]! ^= 1;
    expect(() => decodeImage(changed)).toThrow(refusal(/chunk IDAT at byte 33 does not match its checksum/));
  });

  it('is read where the checksum of a chunk is wrong that nobody needs', () => {
    const text = chunkOf('tEXt', Buffer.from('Author\0me'));
    text[text.length - 1]! ^= 1;
    const { data } = decodeImage(fileOf(headerChunkOf(plain), text, pixels));
    expect(data).toEqual(decodeImage(file).data);
  });

  it('says once what is wrong with it', () => {
    const palette = { ...plain, colorType: 3 };
    const indexes = chunkOf('IDAT', deflateSync(Buffer.from([0, 0, 1, 2, 0, 0, 0, 0])));
    const colors = (bytes: number) =>
      fileOf(headerChunkOf(palette), chunkOf('PLTE', Buffer.alloc(bytes)), indexes);
    expect(() => decodeImage(colors(6))).toThrow(
      refusal(/^The PNG is damaged: a pixel has colour 2 of 2 in its palette/),
    );
    // Two colours and a part of a third.
    expect(() => decodeImage(colors(8))).toThrow(refusal(/colour 2 of 2/));
    expect(() => decodeImage(colors(771))).toThrow(refusal(/palette has 771 bytes, not 3 to 768/));
    expect(decodeImage(colors(768)).width).toBe(3);
    expect(() => decodeImage(fileOf(headerChunkOf(plain)))).toThrow(refusal(/unexpected end of file/));
  });
});
