import { describe, expect, it } from 'vitest';
import { colorsFromYCbCr } from '../../src/data/ycbcr.ts';

/** Rows of Cr samples, repeated every `horizontal` × `vertical` pixels; Y and Cb are 128. */
function ycbcrOf(width: number, height: number, horizontal: number, vertical: number, cr: number[][]) {
  const values: number[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      values.push(128, 128, cr[Math.floor(y / vertical)]![Math.floor(x / horizontal)]!);
    }
  }
  return Uint8Array.from(values);
}

/** The reds, which grow with Cr alone: 128 + 1.402·(Cr − 128), rounded. */
function reds(colors: Uint8Array): number[] {
  return [...colors].filter((_, i) => i % 3 === 0);
}
const redOf = (cr: number): number => Math.min(255, Math.max(0, Math.round(128 + 1.402 * (cr - 128))));

describe('colorsFromYCbCr', () => {
  it('converts by the coefficients of JFIF, in either order', () => {
    const ycbcr = Uint8Array.from([100, 90, 200, 0, 128, 128, 255, 255, 255, 10, 20, 128]);
    const expected = [
      [201, 62, 33], // 100 + 100.9, 100 + 13.1 − 51.4, 100 − 67.3
      [0, 0, 0],
      [255, 121, 255],
      [10, 47, 0],
    ];
    const rgb = colorsFromYCbCr(ycbcr, 4, 1, { horizontal: 1, vertical: 1 }, 'rgb');
    expect([...rgb]).toEqual(expected.flat());
    const bgr = colorsFromYCbCr(ycbcr, 4, 1, { horizontal: 1, vertical: 1 }, 'bgr');
    expect([...bgr]).toEqual(expected.flatMap((color) => color.toReversed()));
  });

  it.each([6, 5])('interpolates 4:2:2 along rows of %i pixels', (width) => {
    const colors = colorsFromYCbCr(
      ycbcrOf(width, 1, 2, 1, [[100, 140, 121]]),
      width,
      1,
      {
        horizontal: 2,
        vertical: 1,
      },
      'rgb',
    ); // 3/4 and 1/4; thirds of the way round down, then up
    const cr = [
      100,
      (300 + 140 + 2) >> 2,
      (420 + 100 + 1) >> 2,
      (420 + 121 + 2) >> 2,
      (363 + 140 + 1) >> 2,
      121,
    ];
    expect(reds(colors)).toEqual(cr.slice(0, width).map(redOf));
  });

  it('interpolates 4:2:0 along rows and columns', () => {
    const samples = [
      [100, 140, 121],
      [180, 100, 117],
    ];
    const [width, height] = [6, 3];
    const colors = colorsFromYCbCr(
      ycbcrOf(width, height, 2, 2, samples),
      width,
      height,
      {
        horizontal: 2,
        vertical: 2,
      },
      'rgb',
    );
    const expected: number[] = [];
    for (const [near, far] of [
      [0, 0],
      [0, 1],
      [1, 0],
    ] as const) {
      const column = [0, 1, 2].map((i) => 3 * samples[near]![i]! + samples[far]![i]!);
      for (let x = 0; x < width; x++) {
        const i = x >> 1;
        const neighbour = column[x % 2 === 0 ? i - 1 : i + 1] ?? column[i]!;
        expected.push(Math.floor((3 * column[i]! + neighbour + (x % 2 === 0 ? 8 : 7)) / 16));
      }
    }
    expect(reds(colors)).toEqual(expected.map(redOf));
  });

  it('repeats chroma of other spacings, and of very narrow images', () => {
    const tall = colorsFromYCbCr(ycbcrOf(1, 2, 1, 2, [[100]]), 1, 2, { horizontal: 1, vertical: 2 }, 'rgb');
    expect(reds(tall)).toEqual([100, 100].map(redOf));
    const narrow = colorsFromYCbCr(
      ycbcrOf(4, 1, 2, 1, [[100, 180]]),
      4,
      1,
      { horizontal: 2, vertical: 1 },
      'rgb',
    );
    expect(reds(narrow)).toEqual([100, 100, 180, 180].map(redOf));
  });
});
