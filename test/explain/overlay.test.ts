import { expect, test } from 'vitest';
import { decodeImage } from '../../src/data/decode.ts';
import type { Image } from '../../src/data/image.ts';
import { encodePng } from '../../src/data/png/encode-png.ts';
import { COLORS, colorTable } from '../../src/explain/color-map.ts';
import { overlayMap } from '../../src/explain/overlay.ts';

/** Oklab of bytes of sRGB, by the inverse of Ottosson's matrices as he gives it. */
function oklab(rgb: Uint8Array): number[] {
  const [r, g, b] = [...rgb].map((byte) => {
    const x = byte / 255;
    return x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

const color = (i: number) => colorTable('rgb').subarray(3 * i, 3 * i + 3);

test('the colours are even: equal steps of the value are equal distances in Oklab', () => {
  const step = 15;
  const places = Array.from({ length: (COLORS - 1) / step + 1 }, (_, i) => oklab(color(step * i)));
  const distances = places.slice(1).map((place, i) => Math.hypot(...place.map((x, k) => x - places[i]![k]!)));
  const mean = distances.reduce((a, b) => a + b) / distances.length;
  // Bytes are round numbers.
  for (const distance of distances) expect(Math.abs(distance / mean - 1)).toBeLessThan(0.05);
  for (const [i, place] of places.slice(1).entries()) expect(place[0]).toBeGreaterThan(places[i]![0]!);
});

const grey = (width: number, height: number, order: 'rgb' | 'bgr' = 'rgb'): Image => ({
  ...{ width, height, channels: 3, order },
  data: new Uint8Array(width * height * 3).fill(100),
});

test('a map is stretched over the image and mixed with it', () => {
  const map = { width: 2, height: 1, values: Float32Array.of(0, 1) };
  const { data } = overlayMap(grey(4, 2), map, { opacity: 0.5 });
  // Four columns over two places lie at −1/4, 1/4, 3/4 and 5/4 of the way from one to the other.
  const row = [0, 0.25, 0.75, 1].flatMap((value) =>
    [...color(Math.round(255 * value))].map((byte) => Math.round(100 + 0.5 * value * (byte - 100))),
  );
  expect([...data]).toEqual([...row, ...row]);
  expect(overlayMap(grey(4, 2), map, { opacity: 0 }).data).toEqual(grey(4, 2).data);
});

test('red stays red, whichever comes first in memory', () => {
  const map = { width: 1, height: 1, values: Float32Array.of(1) };
  const [red, green, blue] = color(255);
  expect([...overlayMap(grey(1, 1, 'bgr'), map, { opacity: 1 }).data]).toEqual([blue, green, red]);
});

test('a map that is none is refused', () => {
  const draw = (values: number[]) =>
    overlayMap(grey(2, 2), { width: 2, height: 1, values: Float32Array.from(values) });
  expect(() => draw([1])).toThrow('a map of 2×1 has as many values, but this one has 1');
  expect(() => draw([0, 1.5])).toThrow('a value of the map of overlayMap is 1.5');
  expect(() => draw([0, Number.NaN])).toThrow('is NaN');
});

test.each(['rgb', 'bgr'] as const)('a PNG gives back the pixels that it was made of: %s', (order) => {
  const image: Image = {
    ...{ width: 5, height: 7, channels: 3, order },
    data: Uint8Array.from({ length: 105 }, (_, i) => (37 * i) % 256),
  };
  expect(decodeImage(encodePng(image), { order })).toEqual(image);
});
