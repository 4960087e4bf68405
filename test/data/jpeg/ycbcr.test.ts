import { describe, expect, it } from 'vitest';
import type { Plane } from '../../../src/data/jpeg/decode-jpeg.ts';
import { colorsFromYCbCr } from '../../../src/data/jpeg/ycbcr.ts';

/** A plane of rows of samples, one every `horizontal` × `vertical` pixels. */
function planeOf(rows: number[][], horizontal = 1, vertical = 1): Plane {
  return {
    samples: Uint8Array.from(rows.flat()),
    stride: rows[0]!.length,
    scaleX: 1 / horizontal,
    scaleY: 1 / vertical,
  };
}

/** Rows of Cr samples, one every `horizontal` × `vertical` pixels; Y and Cb are 128. */
function ycbcrOf(width: number, height: number, horizontal: number, vertical: number, cr: number[][]) {
  const luma = planeOf(Array.from({ length: height }, () => Array(width).fill(128)));
  const cb = planeOf(
    cr.map((row) => row.map(() => 128)),
    horizontal,
    vertical,
  );
  return [luma, cb, planeOf(cr, horizontal, vertical)] as const;
}

/** The reds, which grow with Cr alone: 128 + 1.402·(Cr − 128), rounded. */
function reds(colors: Uint8Array): number[] {
  return [...colors].filter((_, i) => i % 3 === 0);
}
const redOf = (cr: number): number => Math.min(255, Math.max(0, Math.round(128 + 1.402 * (cr - 128))));

describe('colorsFromYCbCr', () => {
  it('converts by the coefficients of JFIF, in either order', () => {
    const ycbcr = [
      planeOf([[100, 0, 255, 10]]),
      planeOf([[90, 128, 255, 20]]),
      planeOf([[200, 128, 255, 128]]),
    ] as const;
    const expected = [
      [201, 62, 33], // 100 + 100.9, 100 + 13.1 − 51.4, 100 − 67.3
      [0, 0, 0],
      [255, 121, 255],
      [10, 47, 0],
    ];
    const rgb = colorsFromYCbCr(ycbcr, 4, 1, 'rgb');
    expect([...rgb]).toEqual(expected.flat());
    const bgr = colorsFromYCbCr(ycbcr, 4, 1, 'bgr');
    expect([...bgr]).toEqual(expected.flatMap((color) => color.toReversed()));
  });

  it.each([6, 5])('interpolates 4:2:2 along rows of %i pixels', (width) => {
    const colors = colorsFromYCbCr(ycbcrOf(width, 1, 2, 1, [[100, 140, 121]]), width, 1, 'rgb'); // 3/4 and 1/4; thirds of the way round down, then up
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
    const colors = colorsFromYCbCr(ycbcrOf(width, height, 2, 2, samples), width, height, 'rgb');
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

  it('rounds 4:2:2 down and up in turn', () => {
    const colors = colorsFromYCbCr(ycbcrOf(6, 1, 2, 1, [[100, 142, 102]]), 6, 1, 'rgb');
    // 442 and 528 quarters up, 526 and 448 down.
    expect(reds(colors)).toEqual([100, 111, 131, 132, 112, 102].map(redOf));
  });

  it('takes the last row of 4:2:0 alone at the lower edge', () => {
    const samples = [
      [100, 140, 121],
      [180, 100, 117],
    ];
    const rows = (height: number) =>
      reds(colorsFromYCbCr(ycbcrOf(6, height, 2, 2, samples), 6, height, 'rgb'));
    const flat = ycbcrOf(6, 2, 2, 2, [[180, 100, 117]]);
    expect(rows(4).slice(-6)).toEqual(reds(colorsFromYCbCr(flat, 6, 2, 'rgb')).slice(0, 6));
    expect(rows(4).slice(0, 18)).toEqual(rows(3));
  });

  it('interpolates 4:2:2 along each row by itself', () => {
    const rows = [
      [100, 140, 121],
      [180, 100, 117],
    ];
    const both = reds(colorsFromYCbCr(ycbcrOf(6, 2, 2, 1, rows), 6, 2, 'rgb'));
    const each = rows.map((row) => reds(colorsFromYCbCr(ycbcrOf(6, 1, 2, 1, [row]), 6, 1, 'rgb')));
    expect(both).toEqual(each.flat());
  });

  it('repeats chroma where there is a sample every four rows, and where Cb and Cr differ in spacing', () => {
    const sparse = colorsFromYCbCr(ycbcrOf(6, 4, 2, 4, [[100, 140, 121]]), 6, 4, 'rgb');
    expect(reds(sparse)).toEqual(Array(4).fill([100, 100, 140, 140, 121, 121]).flat().map(redOf));
    const [luma, , cr] = ycbcrOf(6, 1, 2, 1, [[100, 140, 121]]);
    const cb = planeOf([Array(6).fill(128)]);
    const repeated = [100, 100, 140, 140, 121, 121].map(redOf);
    expect(reds(colorsFromYCbCr([luma, cb, cr], 6, 1, 'rgb'))).toEqual(repeated);
    const wide = planeOf([[128, 128, 128]], 2);
    const whole = planeOf([[100, 140, 121, 100, 140, 121]]);
    expect(reds(colorsFromYCbCr([luma, wide, whole], 6, 1, 'rgb'))).toEqual(
      [100, 140, 121, 100, 140, 121].map(redOf),
    );
  });

  it('repeats chroma of other spacings, and of very narrow images', () => {
    const tall = colorsFromYCbCr(ycbcrOf(1, 2, 1, 2, [[100]]), 1, 2, 'rgb');
    expect(reds(tall)).toEqual([100, 100].map(redOf));
    const narrow = colorsFromYCbCr(ycbcrOf(4, 1, 2, 1, [[100, 180]]), 4, 1, 'rgb');
    expect(reds(narrow)).toEqual([100, 100, 180, 180].map(redOf));
  });
});
