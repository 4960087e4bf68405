import { describe, expect, it } from 'vitest';
import { exifOrientation } from '../../src/data/exif.ts';
import { readJpegHeader } from '../../src/data/jpeg/header.ts';
import { applyOrientation } from '../../src/data/orient.ts';
import { imageOf } from './fixtures.ts';
import { exifPayload, jpegOf, withSegment } from './jpeg/build-jpeg.ts';

const tiffOf = (orientation: number, littleEndian: boolean): Uint8Array =>
  exifPayload(orientation, littleEndian).subarray(6);

describe('exifOrientation', () => {
  it.each([true, false])('reads all orientations, little endian: %s', (littleEndian) => {
    const read = [1, 2, 3, 4, 5, 6, 7, 8].map((value) => exifOrientation(tiffOf(value, littleEndian)));
    expect(read).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('takes a directory with no entries as upright', () => {
    const tiff = Uint8Array.from([0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0]);
    expect(exifOrientation(tiff)).toBe(1);
  });

  it('takes other values as upright', () => {
    expect([0, 9, 700].map((value) => exifOrientation(tiffOf(value, true)))).toEqual([1, 1, 1]);
  });

  it('takes a malformed block as upright', () => {
    const tiff = tiffOf(6, false);
    for (let length = 0; length < 8 + 2 + 12; length++) {
      expect(exifOrientation(tiff.subarray(0, length))).toBe(1);
    }
    for (const at of [0, 2, 3, 4]) {
      const damaged = Uint8Array.from(tiff);
      damaged[at] = 0xff;
      expect(exifOrientation(damaged)).toBe(1);
    }
  });
});

describe('readJpegHeader', () => {
  const jpeg = jpegOf(8, 8, () => [1, 2, 3]);

  it('finds EXIF, the components and Adobe’s note', () => {
    const adobe = Uint8Array.from([...new TextEncoder().encode('Adobe'), 0, 100, 0, 0, 0, 0, 1]);
    const header = readJpegHeader(withSegment(withSegment(jpeg, 0xe1, exifPayload(6, true)), 0xee, adobe));
    expect(exifOrientation(header.exif!)).toBe(6);
    expect(header.adobeTransform).toBe(1);
    const samplings = header.frame.components.map(({ horizontal, vertical }) => [horizontal, vertical]);
    expect(samplings).toEqual(Array(3).fill([1, 1]));
  });

  it('has neither where there is none', () => {
    const { exif, adobeTransform } = readJpegHeader(jpeg);
    expect([exif, adobeTransform]).toEqual([undefined, undefined]);
  });

  it('takes the first of two EXIF segments and no other APP1 segment', () => {
    const xmp = new TextEncoder().encode('http://ns.adobe.com/xap/1.0/\0');
    const second = withSegment(jpeg, 0xe1, exifPayload(3, true));
    const both = withSegment(withSegment(second, 0xe1, exifPayload(8, true)), 0xe1, xmp);
    expect(exifOrientation(readJpegHeader(both).exif!)).toBe(8);
  });

  it('passes over fill bytes', () => {
    const filled = Uint8Array.from([0xff, 0xd8, 0xff, 0xff, ...jpeg.subarray(2)]);
    expect(readJpegHeader(filled).frame.components).toHaveLength(3);
  });

  it('refuses a file that is cut off anywhere before its pixels', () => {
    const scan = Buffer.from(jpeg).indexOf(Uint8Array.of(0xff, 0xda));
    for (let length = 0; length < scan; length++) {
      expect(() => readJpegHeader(jpeg.subarray(0, length))).toThrow(
        expect.objectContaining({ code: 'bad-file', message: expect.stringContaining('cut off') }),
      );
    }
    expect(readJpegHeader(jpeg).frame).toMatchObject({ width: 8, height: 8, progressive: false });
  });
});

describe('applyOrientation', () => {
  /** A 3×2 image and the results, by the letters of their pixels: `abc/def` is the image as stored. */
  it.each([
    [1, 'abc/def'],
    [2, 'cba/fed'],
    [3, 'fed/cba'],
    [4, 'def/abc'],
    [5, 'ad/be/cf'],
    [6, 'da/eb/fc'],
    [7, 'fc/eb/da'],
    [8, 'cf/be/ad'],
  ])('undoes orientation %i', (orientation, expected) => {
    const letters = 'abcdef';
    const values = [...letters].flatMap((_, i) => [3 * i, 3 * i + 1, 3 * i + 2]);
    const upright = applyOrientation(imageOf(3, 2, values), orientation);
    const rows = expected.split('/');
    expect([upright.width, upright.height]).toEqual([rows[0]!.length, rows.length]);
    const wanted = [...rows.join('')].flatMap((letter) => {
      const first = 3 * letters.indexOf(letter);
      return [first, first + 1, first + 2];
    });
    expect([...upright.data]).toEqual(wanted);
  });

  it('gives an upright image back as it is', () => {
    const image = imageOf(1, 1, [1, 2, 3]);
    expect(applyOrientation(image, 1)).toBe(image);
  });

  it('refuses another orientation', () => {
    for (const orientation of [0, 9]) {
      expect(() => applyOrientation(imageOf(1, 1, [0, 0, 0]), orientation)).toThrow(
        expect.objectContaining({
          code: 'invalid-argument',
          message: expect.stringContaining(`orientation is ${orientation}`),
        }),
      );
    }
  });
});
