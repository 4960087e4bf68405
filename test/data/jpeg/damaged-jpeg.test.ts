import { describe, expect, it } from 'vitest';
import { decodeImage } from '../../../src/data/decode.ts';
import { frameOf, leastJpegBytes } from '../../../src/data/jpeg/frame.ts';
import { readJpegHeader, segmentAt } from '../../../src/data/jpeg/header.ts';
import { HuffmanTable } from '../../../src/data/jpeg/huffman.ts';
import { readScanHeader } from '../../../src/data/jpeg/scan.ts';
import { jpegOf, withSegment } from './build-jpeg.ts';
import { flatJpeg } from './flat-jpeg.ts';
import { SAMPLES, SEQUENTIAL_COLORS } from './samples.ts';

const refusal = (message: RegExp) =>
  expect.objectContaining({ code: 'bad-file', message: expect.stringMatching(message) });

const SEQUENTIAL = 0xc0;
const PROGRESSIVE = 0xc2;
const HUFFMAN_TABLES = 0xc4;
const START_OF_SCAN = 0xda;
const QUANTIZATION_TABLES = 0xdb;

const indexOf = (jpeg: Uint8Array, marker: number) => Buffer.from(jpeg).indexOf(Uint8Array.of(0xff, marker));
const segment = (marker: number, ...payload: number[]) => {
  const length = payload.length + 2;
  return [0xff, marker, length >> 8, length & 255, ...payload];
};

/** The JPEG with something else in place of its first segment of that kind. */
function withInstead(jpeg: Uint8Array, marker: number, ...bytes: number[]): Uint8Array {
  const at = indexOf(jpeg, marker);
  const { end } = segmentAt(jpeg, at);
  return Uint8Array.from([...jpeg.subarray(0, at), ...bytes, ...jpeg.subarray(end)]);
}

/** A frame header: 8 bits, `height` × `width`, then id, factors and quantization table of each component. */
const header = (height: number, width: number, ...components: number[]) =>
  Uint8Array.from([
    8,
    height >> 8,
    height & 255,
    width >> 8,
    width & 255,
    components.length / 3,
    ...components,
  ]);

describe('the frame of a JPEG', () => {
  it('lays blocks out as the sampling has them', () => {
    const frame = frameOf(SEQUENTIAL, header(17, 300, 1, 0x21, 0, 2, 0x11, 1, 3, 0x12, 1));
    expect(frame).toMatchObject({
      width: 300,
      height: 17,
      progressive: false,
      maxHorizontal: 2,
      maxVertical: 2,
      unitsPerLine: 19,
      unitsPerColumn: 2,
    });
    expect(frame.components).toEqual([
      { id: 1, horizontal: 2, vertical: 1, quantization: 0, blocksPerLine: 38, blocksPerColumn: 2 },
      { id: 2, horizontal: 1, vertical: 1, quantization: 1, blocksPerLine: 19, blocksPerColumn: 2 },
      { id: 3, horizontal: 1, vertical: 2, quantization: 1, blocksPerLine: 19, blocksPerColumn: 3 },
    ]);
  });

  it('takes two bits a block, or one where it is progressive', () => {
    const grey = header(33, 40, 1, 0x11, 0); // 25 blocks
    expect(leastJpegBytes(frameOf(SEQUENTIAL, grey))).toBe(7);
    expect(leastJpegBytes(frameOf(PROGRESSIVE, grey))).toBe(4);
    const color = header(8, 8, 1, 0x22, 0, 2, 0x11, 0, 3, 0x11, 0);
    expect(leastJpegBytes(frameOf(SEQUENTIAL, color))).toBe(1);
    const large = header(80, 80, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0);
    expect(leastJpegBytes(frameOf(SEQUENTIAL, large))).toBe(75);
  });

  it('has 1, 3 or 4 components', () => {
    const some = (count: number) =>
      header(8, 8, ...Array.from({ length: count }, (_, i) => [i, 0x11, 0]).flat());
    for (const count of [1, 3, 4]) expect(frameOf(SEQUENTIAL, some(count)).components).toHaveLength(count);
    for (const count of [0, 2, 5]) {
      expect(() => frameOf(SEQUENTIAL, some(count))).toThrow(refusal(new RegExp(`has ${count} components`)));
    }
  });

  it('is refused where it is cut off, or says what cannot be', () => {
    const whole = header(8, 8, 1, 0x44, 0, 2, 0x11, 0, 3, 0x11, 0);
    expect(frameOf(SEQUENTIAL, whole).maxHorizontal).toBe(4);
    expect(() => frameOf(SEQUENTIAL, whole.subarray(0, 14))).toThrow(
      refusal(/has 14 bytes; 3 components take 15/),
    );
    for (const factors of [0x01, 0x10, 0x51, 0x15]) {
      const message = new RegExp(`samples a component ${factors >> 4}×${factors & 15} times`);
      expect(() => frameOf(SEQUENTIAL, header(8, 8, 1, factors, 0))).toThrow(refusal(message));
    }
    const twins = header(8, 8, 1, 0x11, 0, 7, 0x11, 0, 7, 0x11, 0);
    expect(() => frameOf(SEQUENTIAL, twins)).toThrow(refusal(/two components 7/));
    expect(() => frameOf(SEQUENTIAL, header(0, 8, 1, 0x11, 0))).toThrow(refusal(/8×0 pixels/));
    expect(() => frameOf(SEQUENTIAL, header(8, 0, 1, 0x11, 0))).toThrow(refusal(/0×8 pixels/));
    expect(() => frameOf(SEQUENTIAL, new Uint8Array())).toThrow(refusal(/0 bits per sample/));
  });
});

describe('the segments of a JPEG', () => {
  const jpeg = flatJpeg({ width: 8, height: 8 });

  it('pass over markers that stand alone, and what is none', () => {
    for (const before of [
      [0xff, 0x01],
      [0xff, 0xd0],
      [0xff, 0xd7],
      [0xff, 0xd8],
      [0xff, 0x00],
      [0x12, 0xff],
    ]) {
      const padded = Uint8Array.from([0xff, 0xd8, ...before, ...jpeg.subarray(2)]);
      expect(readJpegHeader(padded).frame.width).toBe(8);
    }
  });

  it('end with the file at the latest', () => {
    const bytes = Uint8Array.from([0, 0, 0xff, 0xe2, 0, 4, 7, 8]);
    expect(segmentAt(bytes, 0)).toEqual({ marker: 0xe2, payload: Uint8Array.of(7, 8), end: 8 });
    expect(segmentAt(Uint8Array.of(0xff, 0xe2, 0, 2), 0)).toMatchObject({
      payload: new Uint8Array(),
      end: 4,
    });
    const message = /cut off: its segment ff e2 at byte 2 does not fit in its \d bytes/;
    for (const length of [4, 5, 6, 7]) {
      expect(() => segmentAt(bytes.subarray(0, length), 0)).toThrow(refusal(message));
    }
    bytes[5] = 1; // less than the length itself takes
    expect(() => segmentAt(bytes, 0)).toThrow(refusal(message));
    expect(() => segmentAt(Uint8Array.of(0xff), 0)).toThrow(refusal(/ends at byte 1 without an end marker/));
    expect(() => segmentAt(Uint8Array.of(1, 2), 0)).toThrow(refusal(/ends at byte 2 without an end marker/));
    expect(segmentAt(Uint8Array.of(5, 0xff, 0xd9), 0)).toMatchObject({ marker: 0xd9, end: 3 });
  });

  it('have one frame, before the pixels', () => {
    const frame = [...segment(SEQUENTIAL, ...header(8, 8, 1, 0x11, 0))];
    const two = withInstead(jpeg, SEQUENTIAL, ...frame, ...frame);
    expect(() => decodeImage(two)).toThrow(refusal(/two frame headers/));
    expect(() => decodeImage(withInstead(jpeg, SEQUENTIAL))).toThrow(
      refusal(/no frame header before its pixels/),
    );
    const late = Uint8Array.from([...jpeg.subarray(0, jpeg.length - 2), ...frame, 0xff, 0xd9]);
    expect(() => decodeImage(late)).toThrow(refusal(/two frame headers/));
    // Tables and other segments may come late.
    const harmless = segment(0xfe, 1, 2, 3);
    const commented = Uint8Array.from([...jpeg.subarray(0, jpeg.length - 2), ...harmless, 0xff, 0xd9]);
    expect(decodeImage(commented)).toEqual(decodeImage(jpeg));
  });

  it('count up to the first scan: neither Adobe’s note after it, nor a frame after the end', () => {
    const color = jpegOf(8, 8, () => [200, 40, 60]);
    const note = segment(0xee, ...new TextEncoder().encode('Adobe'), 0, 100, 0, 0, 0, 0, 0);
    const late = Uint8Array.from([...color.subarray(0, color.length - 2), ...note, 0xff, 0xd9]);
    expect(decodeImage(late)).toEqual(decodeImage(color));
    const ended = Uint8Array.from([0xff, 0xd8, 0xff, 0xd9, ...color.subarray(2)]);
    expect(() => decodeImage(ended)).toThrow(refusal(/no frame header/));
  });

  it('that are no frames are passed over, whatever their markers; frames that are not decoded are named', () => {
    for (const marker of [0x02, 0xbf, 0xc8, 0xcc, 0xd9 + 3, 0xfe]) {
      expect(decodeImage(withSegment(jpeg, marker, Uint8Array.of(1, 2, 3)))).toEqual(decodeImage(jpeg));
    }
    for (const marker of [0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf]) {
      const other = flatJpeg({ width: 8, height: 8, frame: marker });
      expect(() => decodeImage(other)).toThrow(
        refusal(/is (lossless|hierarchical|arithmetic-coded);.*as PNG/),
      );
    }
  });

  it('are Adobe’s and EXIF’s only by their names', () => {
    const named = (text: string, marker: number) =>
      withSegment(jpeg, marker, Uint8Array.from([...new TextEncoder().encode(text), 0, 0, 0, 0, 0, 0, 2, 0]));
    expect(readJpegHeader(named('Adobe', 0xee)).adobeTransform).toBe(2);
    expect(readJpegHeader(named('Adobf', 0xee)).adobeTransform).toBeUndefined();
    expect(readJpegHeader(named('Adobe', 0xed)).adobeTransform).toBeUndefined();
    expect(readJpegHeader(named('Exif\0\0', 0xe1)).exif).toHaveLength(8);
    expect(readJpegHeader(named('Exif\0\0', 0xe2)).exif).toBeUndefined();
    expect(readJpegHeader(named('Exig\0\0', 0xe1)).exif).toBeUndefined();
  });
});

describe('the header of a scan', () => {
  const color = header(8, 8, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0);
  const table = () => new HuffmanTable(new Uint8Array(16), new Uint8Array());
  const tables = { dc: [table(), table()], ac: [table(), table(), table()] };
  const read = (payload: number[], marker = PROGRESSIVE) =>
    readScanHeader(Uint8Array.from(payload), frameOf(marker, color), tables);

  it('names components and their tables', () => {
    const { components, ...range } = read([2, 3, 0x12, 1, 0x01, 0, 63, 0], SEQUENTIAL);
    expect(components.map(({ id }) => id)).toEqual([3, 1]);
    expect(components[0]!.dcTable).toBe(tables.dc[1]);
    expect(components[0]!.acTable).toBe(tables.ac[2]);
    expect(components[1]!.dcTable).toBe(tables.dc[0]);
    expect(components[1]!.acTable).toBe(tables.ac[1]);
    expect(range).toEqual({ first: 0, last: 63, highBit: 0, lowBit: 0 });
  });

  it('holds some coefficients and some of their bits where it is progressive', () => {
    expect(read([1, 2, 0, 5, 63, 0x3d])).toMatchObject({ first: 5, last: 63, highBit: 3, lowBit: 13 });
    expect(read([1, 2, 0, 7, 7, 0])).toMatchObject({ first: 7, last: 7 });
    expect(read([3, 1, 0, 2, 0, 3, 0, 0, 0, 1])).toMatchObject({ first: 0, last: 0, lowBit: 1 });
    // A sequential scan holds all, whatever it says.
    expect(read([1, 2, 0, 5, 6, 0x21], SEQUENTIAL)).toMatchObject({ first: 0, last: 63, lowBit: 0 });
  });

  it.each([
    ['no components', [0, 0, 63, 0], /scan of 0 components, of 3 in all/],
    ['more components than the frame', [4, 1, 0, 2, 0, 3, 0, 1, 0, 0, 0, 0], /scan of 4 components/],
    ['too few bytes', [1, 1, 0, 0, 63], /scan of 1 components/],
    ['too few bytes for two components', [2, 1, 0, 2, 0, 0, 0], /scan of 2 components, of 3 in all/],
    ['nothing', [], /scan of 0 components/],
    ['a component of none', [1, 9, 0, 0, 0, 0], /scan of component 9, of none/],
    ['a coefficient beyond the last', [1, 1, 0, 1, 64, 0], /coefficients 1 to 64 from bit 0 on/],
    ['coefficients backwards', [1, 1, 0, 6, 5, 0], /coefficients 6 to 5/],
    ['bits that no result has', [1, 1, 0, 1, 63, 14], /from bit 14 on/],
    ['AC of two components', [2, 1, 0, 2, 0, 1, 63, 0], /scan of 2 components without DC/],
  ])('is refused with %s', (_name, payload, message) => {
    expect(() => read(payload)).toThrow(refusal(message));
  });
});

describe('the tables of a JPEG', () => {
  const jpeg = flatJpeg({ width: 16, height: 8, differences: [8, -8] });
  const plain = decodeImage(jpeg);
  const huffman = segmentAt(jpeg, indexOf(jpeg, HUFFMAN_TABLES)).payload;
  const withTables = (...payload: number[]) =>
    withInstead(jpeg, HUFFMAN_TABLES, ...segment(HUFFMAN_TABLES, ...payload));
  const withNumbers = (...payload: number[]) =>
    withInstead(jpeg, QUANTIZATION_TABLES, ...segment(QUANTIZATION_TABLES, ...payload));

  it('are refused where they are longer than their segments', () => {
    for (let length = 1; length < huffman.length; length++) {
      if (length === 19) continue; // the first table alone
      expect(() => decodeImage(withTables(...huffman.subarray(0, length)))).toThrow(
        refusal(/Huffman table is longer than its segment/),
      );
    }
    expect(() => decodeImage(withTables(...huffman.subarray(0, 19)))).toThrow(
      refusal(/no Huffman table for AC/),
    );
    for (const length of [1, 64]) {
      expect(() => decodeImage(withNumbers(...Array(length).fill(0)))).toThrow(
        refusal(/quantization table does not fit/),
      );
    }
    expect(() => decodeImage(withNumbers(0x10, ...Array(64).fill(8)))).toThrow(refusal(/does not fit/));
    expect(() => decodeImage(withNumbers(0x20, ...Array(128).fill(8)))).toThrow(refusal(/does not fit/));
  });

  it('may come one a segment', () => {
    const apart = [huffman.subarray(0, 19), huffman.subarray(19)].flatMap((table) =>
      segment(HUFFMAN_TABLES, ...table),
    );
    expect(decodeImage(withInstead(jpeg, HUFFMAN_TABLES, ...apart))).toEqual(plain);
  });

  it('may have quantization of 16 bits, and several in a segment', () => {
    const wide = [0x10, ...Array(64).fill([0, 8]).flat()];
    expect(decodeImage(withNumbers(...wide))).toEqual(plain);
    expect(decodeImage(withNumbers(0x01, ...Array(64).fill(1), ...wide))).toEqual(plain);
    const larger = decodeImage(withNumbers(0x10, ...Array(64).fill([1, 0]).flat()));
    // 256 a unit of DC, an eighth of it a sample: 8 and −8 leave what bytes hold.
    expect([larger.data[0], larger.data[3 * 8]]).toEqual([255, 128]);
  });

  it('of 16 bits mean the same, coefficient by coefficient', () => {
    const grey = SAMPLES['progressive grey'];
    const [kind, ...numbers] = segmentAt(grey, indexOf(grey, QUANTIZATION_TABLES)).payload;
    expect([kind, numbers.length]).toEqual([0, 64]);
    const wide = segment(QUANTIZATION_TABLES, 0x10, ...numbers.flatMap((number) => [0, number]));
    expect(decodeImage(withInstead(grey, QUANTIZATION_TABLES, ...wide))).toEqual(decodeImage(grey));
  });

  it('must be there before the pixels', () => {
    expect(() => decodeImage(withInstead(jpeg, QUANTIZATION_TABLES))).toThrow(
      refusal(/no quantization table 0 before its pixels/),
    );
    expect(() => decodeImage(withInstead(jpeg, HUFFMAN_TABLES))).toThrow(refusal(/no Huffman table for DC/));
  });

  it('that come after a component has begun are not its own', () => {
    const refined = SAMPLES['refined grey'];
    const at = indexOf(refined, START_OF_SCAN);
    const { end } = segmentAt(refined, at);
    const next = Buffer.from(refined).indexOf(Uint8Array.of(0xff, HUFFMAN_TABLES), end);
    const late = Uint8Array.from([
      ...refined.subarray(0, next),
      ...segment(QUANTIZATION_TABLES, 0, ...Array(64).fill(255)),
      ...refined.subarray(next),
    ]);
    expect(decodeImage(late)).toEqual(decodeImage(refined));
  });
});

describe('the scans of a JPEG', () => {
  it('may be 256', () => {
    const jpeg = flatJpeg({ width: 8, height: 8 });
    const scan = jpeg.subarray(indexOf(jpeg, START_OF_SCAN), jpeg.length - 2);
    const repeated = (times: number) =>
      Uint8Array.from([
        ...jpeg.subarray(0, indexOf(jpeg, START_OF_SCAN)),
        ...Array(times)
          .fill([...scan])
          .flat(),
        0xff,
        0xd9,
      ]);
    expect(decodeImage(repeated(256))).toEqual(decodeImage(jpeg));
    expect(() => decodeImage(repeated(257))).toThrow(refusal(/more than 256 scans/));
  });

  it('leave no component out', () => {
    const jpeg = jpegOf(8, 8, () => [1, 2, 3]);
    const at = indexOf(jpeg, START_OF_SCAN);
    const luma = [...segment(START_OF_SCAN, 1, 1, 0, 0, 63, 0), 0b00_1010_11, 0xff, 0xd9];
    expect(() => decodeImage(Uint8Array.from([...jpeg.subarray(0, at), ...luma]))).toThrow(
      refusal(/no pixels for component 2/),
    );
  });
});

describe('the colours of a JPEG', () => {
  it.each(Object.entries(SAMPLES))('are in the order asked for: %s', (_name, jpeg) => {
    const rgb = decodeImage(jpeg, { order: 'rgb' });
    const { order, data } = decodeImage(jpeg);
    expect(order).toBe('bgr');
    expect([...data]).toEqual(
      Array.from(data, (_, i) => rgb.data[i + (i % 3 === 0 ? 2 : i % 3 === 2 ? -2 : 0)]!),
    );
  });

  it('are those of libjpeg, but for the rounding of the inverse DCT', () => {
    const { data } = decodeImage(SAMPLES['sequential 4:2:0'], { order: 'rgb' });
    expect(data).toHaveLength(SEQUENTIAL_COLORS.length);
    const differences = Array.from(data, (value, i) => Math.abs(value - SEQUENTIAL_COLORS[i]!));
    const mean = differences.reduce((sum, value) => sum + value, 0) / data.length;
    expect(mean).toBeLessThan(0.3);
    expect(Math.max(...differences)).toBeLessThanOrEqual(3);
  });

  it('of four components are not guessed', () => {
    const { CMYK } = SAMPLES;
    expect(() => decodeImage(withInstead(CMYK, 0xee))).toThrow(refusal(/no note of Adobe’s.*Save it as RGB/));
  });
});
