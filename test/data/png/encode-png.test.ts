import { expect, test } from 'vitest';
import { decodeImage } from '../../../src/data/decode.ts';
import { encodePng } from '../../../src/data/png/encode-png.ts';
import { imageOf } from '../fixtures.ts';

test.each(['bgr', 'rgb'] as const)(
  'an image in order %s is the same once decoded, and not changed',
  (order) => {
    const values = [1, 2, 3, 40, 50, 60, 255, 0, 128, 9, 8, 7];
    const image = imageOf(2, 2, values, order);
    expect(decodeImage(encodePng(image), { order })).toEqual(image);
    expect([...image.data]).toEqual(values);
  },
);
