import { expect, test } from 'vitest';
import { decodeWithHeader } from '../../src/data/decode.ts';
import { readImageHeader } from '../../src/data/image-header.ts';
import { resizeBilinear, rowsToScale } from '../../src/data/resize.ts';
import { jpegOf } from './jpeg/build-jpeg.ts';

test.each([
  [61, 43],
  [16, 200],
  [9, 9],
  [18, 18],
])('scaling looks at no other rows: an image of %i×%i', (width, height) => {
  const file = jpegOf(width, height, (x, y) => [(7 * x) & 255, (11 * y) & 255, (x * y) & 255]);
  const header = readImageHeader(file);
  for (const size of [1, 4, 9, 64]) {
    const whole = decodeWithHeader(file, header, 'bgr');
    const part = decodeWithHeader(file, header, 'bgr', (rows) => rowsToScale(rows, size));
    expect(resizeBilinear(part, size, size)).toEqual(resizeBilinear(whole, size, size));
  }
});

test('of a photograph scaled down, most rows are left out', () => {
  const file = jpegOf(16, 400, () => [90, 90, 90]);
  const { data } = decodeWithHeader(file, readImageHeader(file), 'bgr', (rows) => rowsToScale(rows, 20));
  expect(rowsToScale(400, 20)).toHaveLength(40);
  expect(data.filter((value) => value > 0)).toHaveLength(40 * 16 * 3);
});
