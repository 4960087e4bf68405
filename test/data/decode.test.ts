import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decodeImage } from '../../src/data/decode.ts';
import type { Image } from '../../src/data/image.ts';
import { resizeBilinear } from '../../src/data/resize.ts';
import { exifPayload, jpegOf, withSegment } from './jpeg/build-jpeg.ts';

function pixel(image: Image, x: number, y: number): number[] {
  const at = 3 * (y * image.width + x);
  return [...image.data.subarray(at, at + 3)];
}

function expectNear(found: number[], wanted: number[], tolerance: number): void {
  expect(found).toHaveLength(wanted.length);
  found.forEach((value, i) => {
    expect(Math.abs(value - wanted[i]!)).toBeLessThanOrEqual(tolerance);
  });
}

describe('decodeImage, JPEG', () => {
  const red = [200, 40, 60] as const;
  const blue = [30, 60, 220] as const;
  /** Left half red, right half blue. */
  const jpeg = jpegOf(32, 16, (x) => (x < 16 ? red : blue));

  it('gives blue first by default, and red first on demand', () => {
    const bgr = decodeImage(jpeg);
    expect([bgr.width, bgr.height, bgr.channels, bgr.order]).toEqual([32, 16, 3, 'bgr']);
    expectNear(pixel(bgr, 3, 3), red.toReversed(), 2);
    const rgb = decodeImage(jpeg, { order: 'rgb' });
    expect(rgb.order).toBe('rgb');
    expectNear(pixel(rgb, 28, 3), [...blue], 2);
  });

  it('reads from the middle of a buffer', () => {
    const padded = new Uint8Array(jpeg.length + 7);
    padded.set(jpeg, 5);
    expect(decodeImage(padded.subarray(5, 5 + jpeg.length))).toEqual(decodeImage(jpeg));
  });

  it.each([
    [1, 32, 16, [0, 0], [31, 0]],
    [2, 32, 16, [31, 0], [0, 0]],
    [3, 32, 16, [31, 15], [0, 15]],
    [4, 32, 16, [0, 15], [31, 15]],
    [5, 16, 32, [0, 0], [0, 31]],
    [6, 16, 32, [15, 0], [15, 31]],
    [7, 16, 32, [15, 31], [15, 0]],
    [8, 16, 32, [0, 31], [0, 0]],
  ] as const)('applies EXIF orientation %i', (orientation, width, height, redAt, blueAt) => {
    const image = decodeImage(withSegment(jpeg, 0xe1, exifPayload(orientation, false)), { order: 'rgb' });
    expect([image.width, image.height]).toEqual([width, height]);
    expectNear(pixel(image, redAt[0], redAt[1]), [...red], 2);
    expectNear(pixel(image, blueAt[0], blueAt[1]), [...blue], 2);
  });

  it.each([
    [1, 'YCbCr', red],
    [0, 'no transform', [90, 111, 206]], // red's Y, Cb, Cr, taken as colours
  ] as const)('follows Adobe’s colour note %i: %s', (transform, _name, expected) => {
    const adobe = Uint8Array.from([...new TextEncoder().encode('Adobe'), 0, 100, 0, 0, 0, 0, transform]);
    const image = decodeImage(withSegment(jpeg, 0xee, adobe), { order: 'rgb' });
    expectNear(pixel(image, 3, 3), [...expected], 3);
  });

  it('refuses a file that is cut off', () => {
    for (const length of [3, 30, 300, Math.floor(jpeg.length * 0.9)]) {
      expect(() => decodeImage(jpeg.subarray(0, length))).toThrow(
        expect.objectContaining({ code: 'bad-file', message: expect.stringContaining('JPEG') }),
      );
    }
  });
});

const GREY = 0;
const RGB = 2;
const PALETTE = 3;
const RGBA = 6;

/** A PNG of one row, unfiltered: signature and chunks of length, name, data and checksum. */
function pngOf(width: number, depth: number, colorType: number, row: number[], palette: number[] = []) {
  const chunk = (name: string, data: Uint8Array): Buffer => {
    const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length, 0);
    frame.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]),
    chunk('IHDR', Buffer.from([0, 0, 0, width, 0, 0, 0, 1, depth, colorType, 0, 0, 0])),
    palette.length > 0 ? chunk('PLTE', Buffer.from(palette)) : Buffer.alloc(0),
    chunk('IDAT', deflateSync(Buffer.from([0, ...row]))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

describe('decodeImage, PNG', () => {
  it('reads colours', () => {
    const image = decodeImage(pngOf(2, 8, RGB, [1, 2, 3, 4, 5, 6]), { order: 'rgb' });
    expect([image.width, image.height, image.order]).toEqual([2, 1, 'rgb']);
    expect([...image.data]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('drops alpha without blending', () => {
    const image = decodeImage(pngOf(2, 8, RGBA, [1, 2, 3, 0, 4, 5, 6, 128]));
    expect([...image.data]).toEqual([3, 2, 1, 6, 5, 4]);
  });

  it('repeats grey', () => {
    expect([...decodeImage(pngOf(2, 8, GREY, [7, 200])).data]).toEqual([7, 7, 7, 200, 200, 200]);
  });

  it('keeps the upper 8 of 16 bits', () => {
    const image = decodeImage(pngOf(1, 16, RGB, [0x12, 0xff, 0xff, 0x00, 0x00, 0x80]), { order: 'rgb' });
    expect([...image.data]).toEqual([0x12, 0xff, 0]);
  });

  it('spreads 2 bits over 0 to 255', () => {
    const { data } = decodeImage(pngOf(4, 2, GREY, [0b00_01_10_11]));
    expect([...data]).toEqual([0, 85, 170, 255].flatMap((grey) => [grey, grey, grey]));
  });

  it('looks colours up in a palette', () => {
    const image = decodeImage(pngOf(2, 4, PALETTE, [0x10], [9, 8, 7, 1, 2, 3]), { order: 'rgb' });
    expect([...image.data]).toEqual([1, 2, 3, 9, 8, 7]);
  });

  it('refuses a file that is cut off', () => {
    const file = pngOf(2, 8, RGB, [1, 2, 3, 4, 5, 6]);
    for (const length of [4, 20, 40, file.length - 14]) {
      expect(() => decodeImage(file.subarray(0, length))).toThrow(
        expect.objectContaining({ code: 'bad-file', message: expect.stringContaining('PNG') }),
      );
    }
  });
});

describe('decodeImage, other files', () => {
  it('names what the file begins with', () => {
    const gif = new TextEncoder().encode('GIF89a');
    expect(() => decodeImage(gif)).toThrow(
      expect.objectContaining({ code: 'bad-file', message: expect.stringContaining('47 49 46 38') }),
    );
    expect(() => decodeImage(new Uint8Array())).toThrow(/the file is empty/);
  });
});

const PHOTOS = '../shared/palm-original';
const REFERENCES = '../shared/golden/photos';
const photos = existsSync(PHOTOS) && existsSync(REFERENCES) ? readdirSync(PHOTOS) : [];

describe.skipIf(photos.length === 0)(`photographs against OpenCV (skipped without ${PHOTOS})`, () => {
  it.each(photos)('%s at 224×224', (name) => {
    const { data } = resizeBilinear(decodeImage(readFileSync(join(PHOTOS, name))), 224, 224);
    const reference = decodeImage(readFileSync(join(REFERENCES, name.replace('.jpg', '-224.png')))).data;
    const differences = data.map((value, i) => Math.abs(value - reference[i]!));
    const mean = differences.reduce((sum, value) => sum + value, 0) / differences.length;
    const most = differences.reduce((a, b) => Math.max(a, b));
    console.info(`${name}: mean difference ${mean.toFixed(4)}, at most ${most}`);
    expect(mean).toBeLessThan(0.1);
    expect(most).toBeLessThanOrEqual(4);
  });
});
