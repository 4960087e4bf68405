import { describe, expect, it } from 'vitest';
import { decodeImage } from '../../src/data/decode.ts';
import { imageFromRgba } from '../../src/data/image.ts';
import { extentOf, isJpegOrPng, readImageHeader } from '../../src/data/image-header.ts';
import { jpegOf } from './jpeg/build-jpeg.ts';
import { pngOfRows } from './png/fixtures.ts';

const JPEG = jpegOf(8, 4, () => [1, 2, 3]);
const PNG = pngOfRows({ width: 5, height: 3, depth: 8, colorType: 2, interlaced: false, seed: 1 });

describe('the format of an image', () => {
  it('is told by all of its first bytes', () => {
    expect(readImageHeader(JPEG).format).toBe('JPEG');
    expect(readImageHeader(PNG).format).toBe('PNG');
    expect([JPEG, PNG].map(isJpegOrPng)).toEqual([true, true]);
    for (const bytes of [
      [0xff, 0xd8, 0x00],
      [0xff, 0x00, 0xff],
      [0x00, 0xd8, 0xff],
      [0x89, 0x50, 0x4e, 0x00],
      [0x89, 0x50, 0x00, 0x47],
      [0x00, 0x50, 0x4e, 0x47],
      [0xff, 0xd8],
      [],
    ]) {
      expect(isJpegOrPng(Uint8Array.from(bytes))).toBe(false);
      expect(() => decodeImage(Uint8Array.from(bytes))).toThrow(/Neither a JPEG/);
    }
  });

  it('is shown as hexadecimal digits where it is another', () => {
    expect(() => decodeImage(Uint8Array.of(0x0a, 1, 0x20, 0xff, 0x33))).toThrow(/begins with 0a 01 20 ff\.$/);
  });
});

it('the size is known before anything is decoded', () => {
  expect(extentOf(readImageHeader(JPEG))).toMatchObject({ width: 8, height: 4 });
  expect(extentOf(readImageHeader(PNG))).toMatchObject({ width: 5, height: 3 });
});

it('what is too large says how large it may be, and how to raise that', () => {
  expect(() => readImageHeader(JPEG, 31)).toThrow(
    /JPEG has 8×4 pixels, 32 in all, and at most 31 .*raise maxPixels/,
  );
  expect(() => readImageHeader(PNG, 14)).toThrow(/PNG has 5×3 pixels, 15 in all/);
  expect(readImageHeader(JPEG, 32).format).toBe('JPEG');
  for (const maxPixels of [0, -1, Number.NaN]) {
    expect(() => decodeImage(JPEG, { maxPixels })).toThrow(
      expect.objectContaining({ code: 'invalid-argument' }),
    );
  }
});

it('a file that is shorter than its pixels can be says so', () => {
  const large = Uint8Array.from(JPEG);
  large.set([0x27, 0x10, 0x27, 0x10], Buffer.from(large).indexOf(Uint8Array.of(0xff, 0xc0)) + 5);
  expect(() => readImageHeader(large)).toThrow(
    new RegExp(
      `10000×10000 pixels, which take at least \\d+ bytes, but the file has ${large.length}: it is cut off`,
    ),
  );
});

it('RGBA becomes an image of three channels, row by row', () => {
  const rgba = Array.from({ length: 2 * 3 * 4 }, (_, i) => i);
  expect(imageFromRgba(2, 3, rgba, 'rgb')).toEqual({
    width: 2,
    height: 3,
    channels: 3,
    order: 'rgb',
    data: Uint8Array.of(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 16, 17, 18, 20, 21, 22),
  });
  expect([...imageFromRgba(1, 2, rgba, 'bgr').data]).toEqual([2, 1, 0, 6, 5, 4]);
});
