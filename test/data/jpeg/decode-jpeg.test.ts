import { decode as decodeWithJpegJs } from 'jpeg-js';
import { describe, expect, it } from 'vitest';
import { decodeImage } from '../../../src/data/decode.ts';
import { decodeJpegPlanes } from '../../../src/data/jpeg/decode-jpeg.ts';
import { readJpegHeader } from '../../../src/data/jpeg/header.ts';
import { copyRow } from '../../../src/data/jpeg/ycbcr.ts';
import { jpegOf, withSegment } from './build-jpeg.ts';
import { flatJpeg } from './flat-jpeg.ts';
import { SAMPLES } from './samples.ts';

/** What `jpeg-js` makes of it: components repeated, or colours of CMYK; `[height, width, 3]`. */
function jpegJs(jpeg: Uint8Array): Uint8Array {
  return decodeWithJpegJs(jpeg, { useTArray: true, formatAsRGBA: false, colorTransform: false }).data;
}

/** Our components, repeated and interleaved likewise; grey three times. */
function components(jpeg: Uint8Array): Uint8Array {
  const { frame } = readJpegHeader(jpeg);
  const { width, height } = frame;
  const planes = decodeJpegPlanes(jpeg, frame);
  const result = new Uint8Array(width * height * 3);
  const row = new Uint8Array(width);
  for (let y = 0; y < height; y++) {
    for (let channel = 0; channel < 3; channel++) {
      copyRow(planes[planes.length === 1 ? 0 : channel]!, width, height, y, row);
      for (let x = 0; x < width; x++) result[3 * (y * width + x) + channel] = row[x]!;
    }
  }
  return result;
}

/** The JPEG with one of its bytes set. */
function withByte(jpeg: Uint8Array, at: number, value: number): Uint8Array {
  const changed = Uint8Array.from(jpeg);
  changed[at] = value;
  return changed;
}

const indexOf = (jpeg: Uint8Array, ...bytes: number[]) => Buffer.from(jpeg).indexOf(Uint8Array.from(bytes));
const adobe = (transform: number) =>
  Uint8Array.from([...new TextEncoder().encode('Adobe'), 0, 100, 0, 0, 0, 0, transform]);

describe('decodeJpegPlanes, against jpeg-js', () => {
  const { CMYK, ...rest } = SAMPLES;
  it.each(Object.entries(rest))('decodes the same samples: %s', (_name, jpeg) => {
    expect(components(jpeg)).toEqual(jpegJs(jpeg));
  });

  it.each([
    ['CMYK', CMYK],
    ['YCCK', withByte(CMYK, indexOf(CMYK, 0x41, 0x64, 0x6f, 0x62, 0x65) + 11, 2)],
    ['YCbCr with Adobe’s note', withSegment(rest['sequential 4:2:0'], 0xee, adobe(1))],
    ['RGB with Adobe’s note', withSegment(rest['sequential 4:2:0'], 0xee, adobe(0))],
  ])('decodes the same colours: %s', (_name, jpeg) => {
    expect(decodeImage(jpeg, { order: 'rgb' }).data).toEqual(jpegJs(jpeg));
  });
});

describe('decodeJpegPlanes', () => {
  const restarting = {
    width: 40,
    height: 16,
    differences: [8, 9, 0, -10, 15, 12, -8, 0, 9, -15],
    restartInterval: 3,
  };

  it('begins anew at restart markers', () => {
    const jpeg = flatJpeg(restarting);
    const { data } = decodeImage(jpeg);
    const firstPixels = Array.from({ length: 10 }, (_, i) => data[3 * ((i < 5 ? 0 : 8 * 40) + 8 * (i % 5))]!);
    // A DC coefficient of 1 times 8 adds 1 to every sample.
    expect(firstPixels).toEqual([8, 17, 17, -10, 5, 17, -8, -8, 1, -15].map((level) => 128 + level));
    expect(components(jpeg)).toEqual(jpegJs(jpeg));
  });

  it('refuses a restart marker that is missing, where jpeg-js leaves the rest grey', () => {
    const jpeg = flatJpeg(restarting);
    const at = indexOf(jpeg, 0xff, 0xd1);
    for (const marker of [0xd9, 0x00]) {
      expect(() => decodeImage(withByte(jpeg, at + 1, marker))).toThrow(
        expect.objectContaining({
          code: 'bad-file',
          message: expect.stringMatching(/restart marker|ends early/),
        }),
      );
    }
  });

  it.each([
    ['12 bits per sample', { frame: 0xc1, precision: 12 }, /12 bits per sample.*8 bits, or as PNG/],
    ['16 bits per sample', { precision: 16 }, /16 bits per sample/],
    ['lossless', { frame: 0xc3 }, /is lossless/],
    ['hierarchical', { frame: 0xc5 }, /is hierarchical/],
    ['arithmetic-coded', { frame: 0xc9 }, /is arithmetic-coded/],
    ['arithmetic-coded progressive', { frame: 0xca }, /is arithmetic-coded/],
    ['a height that comes later', { height: 0 }, /8×0 pixels/],
  ])('refuses %s', (_name, special, message) => {
    expect(() => decodeImage(flatJpeg({ width: 8, height: 8, ...special }))).toThrow(
      expect.objectContaining({ code: 'bad-file', message: expect.stringMatching(message) }),
    );
  });

  it('refuses more scans than an encoder writes', () => {
    const jpeg = SAMPLES['progressive grey'];
    const firstScan = indexOf(jpeg, 0xff, 0xda);
    const next = indexOf(jpeg.subarray(firstScan + 2), 0xff, 0xc4) + firstScan + 2;
    const scan = [...jpeg.subarray(firstScan, next)];
    const many = Uint8Array.from([
      ...jpeg.subarray(0, next),
      ...Array(300).fill(scan).flat(),
      ...jpeg.subarray(next),
    ]);
    expect(() => decodeImage(many)).toThrow(/more than 256 scans/);
  });

  it('refuses a component without pixels', () => {
    const jpeg = jpegOf(8, 8, () => [1, 2, 3]);
    const frame = indexOf(jpeg, 0xff, 0xda);
    const onlyLuma = Uint8Array.from([
      ...jpeg.subarray(0, frame),
      0xff,
      0xda,
      0,
      8,
      1,
      1,
      0,
      0,
      63,
      0,
      0x55,
      0x55,
      0x55,
      0x55,
      0xff,
      0xd9,
    ]);
    expect(() => decodeImage(onlyLuma)).toThrow(expect.objectContaining({ code: 'bad-file' }));
  });
});

describe('decodeImage, bounds', () => {
  it('refuses more pixels than maxPixels, 100 million by default', () => {
    const jpeg = flatJpeg({ width: 64, height: 32 });
    expect(decodeImage(jpeg, { maxPixels: 2048 }).width).toBe(64);
    expect(() => decodeImage(jpeg, { maxPixels: 2047 })).toThrow(
      expect.objectContaining({
        code: 'bad-file',
        message: expect.stringContaining('64×32 pixels, 2048 in all'),
      }),
    );
    expect(() => decodeImage(jpeg, { maxPixels: Number.NaN })).toThrow(
      /maxPixels of decodeImage is NaN: it must be a number above 0/,
    );
    const large = flatJpeg({ width: 64, height: 32 });
    large.set([0x4e, 0x20, 0x4e, 0x20], indexOf(large, 0xff, 0xc0) + 5); // 20000×20000
    expect(() => decodeImage(large)).toThrow(/400000000 in all, and at most 100000000/);
  });

  it('takes a flat JPEG of the fewest bytes, and refuses one that declares more than its length can hold', () => {
    const flat = flatJpeg({ width: 1024, height: 512 });
    expect(decodeImage(flat).data.every((sample) => sample === 128)).toBe(true);
    const declares = flatJpeg({ width: 64, height: 32 });
    declares.set([0x27, 0x10, 0x27, 0x10], indexOf(declares, 0xff, 0xc0) + 5); // 10000×10000
    expect(() => decodeImage(declares)).toThrow(
      expect.objectContaining({
        code: 'bad-file',
        message: expect.stringMatching(/10000×10000 pixels, which take at least 390625 bytes/),
      }),
    );
  });
});
