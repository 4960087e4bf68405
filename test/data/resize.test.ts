import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Image } from '../../src/data/image.ts';
import { resizeBilinear } from '../../src/data/resize.ts';
import fc from '../support/fast-check.ts';
import { imageOf, temporaryFolder } from './fixtures.ts';

/** OpenCV's rule written down as it stands, a value at a time. */
function plainResize(image: Image, width: number, height: number): number[] {
  const value = (x: number, y: number, c: number): number => image.data[(y * image.width + x) * 3 + c]!;
  if (image.width === 2 * width && image.height === 2 * height) {
    return eachValue(width, height, (x, y, c) => {
      const upper = value(2 * x, 2 * y, c) + value(2 * x + 1, 2 * y, c);
      return (upper + value(2 * x, 2 * y + 1, c) + value(2 * x + 1, 2 * y + 1, c) + 2) >> 2;
    });
  }
  const f32 = Math.fround;
  const evenRound = (v: number): number => (v % 1 === 0.5 ? 2 * Math.round(v / 2) : Math.round(v));
  const weights = (f: number): [number, number] => [
    evenRound(f32(f32(1 - f) * 2048)),
    evenRound(f32(f * 2048)),
  ];
  return eachValue(width, height, (x, y, c) => {
    let fx = f32((x + 0.5) * (1 / (width / image.width)) - 0.5);
    let sx = Math.floor(fx);
    fx = f32(fx - sx);
    if (sx < 0) [sx, fx] = [0, 0];
    if (sx >= image.width - 1) [sx, fx] = [image.width - 1, 0];
    const [a0, a1] = weights(fx);
    const row = (j: number): number => {
      const clipped = Math.max(0, Math.min(image.height - 1, j));
      return value(sx, clipped, c) * a0 + (a1 > 0 ? value(sx + 1, clipped, c) * a1 : 0);
    };
    const fy = f32((y + 0.5) * (1 / (height / image.height)) - 0.5);
    const sy = Math.floor(fy);
    const [b0, b1] = weights(f32(fy - sy));
    return (((b0 * (row(sy) >> 4)) >> 16) + ((b1 * (row(sy + 1) >> 4)) >> 16) + 2) >> 2;
  });
}

function eachValue(width: number, height: number, at: (x: number, y: number, c: number) => number): number[] {
  return Array.from({ length: width * height * 3 }, (_, i) =>
    at(Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3),
  );
}

const grey = (values: number[]): number[] => values.flatMap((value) => [value, value, value]);

describe('resizeBilinear', () => {
  it('copies an image of the size wanted', () => {
    const image = imageOf(2, 1, [1, 2, 3, 4, 5, 6], 'rgb');
    const copy = resizeBilinear(image, 2, 1);
    expect(copy).toEqual(image);
    expect(copy.data).not.toBe(image.data);
  });

  it('copies a Buffer into memory of its own', () => {
    const data = Buffer.from([1, 2, 3, 4, 5, 6]);
    const copy = resizeBilinear({ ...imageOf(2, 1, data), data }, 2, 1);
    data[0] = 9;
    expect(copy.data).toEqual(Uint8Array.of(1, 2, 3, 4, 5, 6));
    expect(copy.data.buffer.byteLength).toBe(6);
  });

  it('averages blocks of 2×2 for half the size, halves rounded up', () => {
    const image = imageOf(2, 2, [1, 0, 255, 2, 0, 255, 3, 0, 255, 4, 1, 255]);
    expect([...resizeBilinear(image, 1, 1).data]).toEqual([3, 0, 255]); // 10/4, 1/4, 255
  });

  it('averages blocks of 2×2 wherever they lie, to the last bit', () => {
    const random = (x: number, y: number, c: number) =>
      Math.imul(1 + 31 * x + 977 * y + c, 0x9e3779b1) >>> 24;
    for (const [width, height] of [
      [2, 6],
      [6, 2],
      [64, 48],
    ] as const) {
      const image = imageOf(width, height, eachValue(width, height, random));
      const halved = resizeBilinear(image, width / 2, height / 2);
      expect([...halved.data]).toEqual(plainResize(image, width / 2, height / 2));
    }
  });

  it('doubles a row: quarters and three quarters between pixels, edges repeated', () => {
    const { data } = resizeBilinear(imageOf(2, 1, grey([0, 100])), 4, 1);
    expect([...data]).toEqual(grey([0, 25, 75, 100]));
  });

  it('doubles a column likewise', () => {
    const { data } = resizeBilinear(imageOf(1, 2, grey([0, 100])), 1, 4);
    expect([...data]).toEqual(grey([0, 25, 75, 100]));
  });

  it('takes the middle of each third when a row shrinks by three', () => {
    const { data } = resizeBilinear(imageOf(6, 1, grey([9, 50, 9, 9, 80, 9])), 2, 1);
    expect([...data]).toEqual(grey([50, 80]));
  });

  it('follows the rule for any sizes', () => {
    const side = fc.integer({ min: 1, max: 24 });
    fc.assert(
      fc.property(side, side, side, side, fc.integer(), (width, height, toWidth, toHeight, seed) => {
        fc.pre(width !== toWidth || height !== toHeight);
        const values = eachValue(
          width,
          height,
          (x, y, c) => Math.imul(seed + 31 * x + 977 * y + c, 0x9e3779b1) >>> 24,
        );
        const image = imageOf(width, height, values);
        const found = resizeBilinear(image, toWidth, toHeight);
        expect([...found.data]).toEqual(plainResize(image, toWidth, toHeight));
      }),
    );
  });

  it('rounds weights that lie halfway to even ones', () => {
    // From 2 to 4096 pixels, every fraction between the two is an odd multiple of 1/4096, half a weight.
    const image = imageOf(
      2,
      8,
      eachValue(2, 8, (x, y, c) => (x === 0 ? 30 * y + c : 255 - 11 * y - c)),
    );
    const found = Buffer.from(resizeBilinear(image, 4096, 8).data);
    expect(found.equals(Buffer.from(plainResize(image, 4096, 8)))).toBe(true);
  });

  it('refuses sizes that are no positive integers', () => {
    expect(() => resizeBilinear(imageOf(1, 1, [0, 0, 0]), 0, 4)).toThrow(
      /width of resizeBilinear is 0: it must be a whole number of at least 1/,
    );
    expect(() => resizeBilinear(imageOf(1, 1, [0, 0, 0]), 4, 2.5)).toThrow(
      /height of resizeBilinear is 2\.5/,
    );
  });
});

const GOLDEN = '../shared/golden/resize.json';

describe.skipIf(!existsSync(GOLDEN))(`golden:resize (skipped without ${GOLDEN})`, () => {
  const run = (file: string) =>
    spawnSync(process.execPath, ['--import', 'tsx', 'scripts/golden-resize.ts', file], { encoding: 'utf8' });

  it('meets every case of OpenCV', () => {
    const { status, stdout } = run(GOLDEN);
    expect(stdout).toContain('10 of 10 cases met');
    expect(status).toBe(0);
  });

  it('fails where a case is not met', async () => {
    const cases = JSON.parse(readFileSync(GOLDEN, 'utf8')) as { sha256: string }[];
    const file = join(await temporaryFolder(), 'resize.json');
    writeFileSync(file, JSON.stringify([{ ...cases[0], sha256: '0'.repeat(64) }]));
    const { status, stdout } = run(file);
    expect(stdout).toContain('MISMATCH  5×7 → 224×224');
    expect(status).toBe(1);
  });
});
