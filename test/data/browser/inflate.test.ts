import { deflateSync, inflateSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { inflateByPako } from '../../../src/data/browser/inflate.ts';
import { decodeImage } from '../../../src/data/decode.ts';
import { decodeByHeader } from '../../../src/data/decode-header.ts';
import { readImageHeader } from '../../../src/data/image-header.ts';
import fc from '../../support/fast-check.ts';
import { pngOfRows } from '../png/fixtures.ts';

/** What a way of inflating gives, or that it refuses. */
function resultOf(inflate: () => Uint8Array): string | undefined {
  try {
    return Buffer.from(inflate()).toString('hex');
  } catch {
    return undefined;
  }
}

/** How Node inflates, as `decode.ts` has it do. */
const byNode = (bytes: Uint8Array, maxBytes: number): Uint8Array =>
  inflateSync(bytes, { chunkSize: Math.max(64, maxBytes), maxOutputLength: maxBytes });

describe('inflateByPako', () => {
  it('gives what zlib gives, and refuses what it refuses: cut off, damaged, longer than allowed, followed by other bytes', () => {
    const changes = fc.record({
      data: fc.uint8Array({ maxLength: 400 }),
      repeats: fc.integer({ min: 1, max: 20 }),
      cut: fc.option(fc.nat(60), { nil: 0 }),
      damage: fc.option(fc.tuple(fc.nat(200), fc.integer({ min: 1, max: 255 })), { nil: undefined }),
      tail: fc.uint8Array({ maxLength: 5 }),
      short: fc.constantFrom(0, 0, 1),
    });
    fc.assert(
      fc.property(changes, ({ data, repeats, cut, damage, tail, short }) => {
        const plain = Buffer.concat(Array.from({ length: repeats }, () => data));
        const whole = deflateSync(plain);
        const bytes = Buffer.concat([whole.subarray(0, Math.max(1, whole.length - cut)), tail]);
        if (damage) bytes[damage[0] % bytes.length]! ^= damage[1];
        const maxBytes = Math.max(1, plain.length - short);
        expect(resultOf(() => inflateByPako(bytes, maxBytes))).toBe(resultOf(() => byNode(bytes, maxBytes)));
      }),
      { numRuns: 300 },
    );
  });

  it('gives the pixels of every kind of PNG, where there is no Buffer', () => {
    for (const [colorType, depths] of [
      [0, [1, 2, 4, 8, 16]],
      [2, [8, 16]],
      [3, [1, 4, 8]],
      [4, [8]],
      [6, [8, 16]],
    ] as const)
      for (const depth of depths)
        for (const interlaced of [false, true]) {
          const png = new Uint8Array(
            pngOfRows({ width: 13, height: 9, depth, colorType, interlaced, seed: depth }),
          );
          const { data } = decodeImage(png);
          vi.stubGlobal('Buffer', undefined);
          try {
            const header = readImageHeader(png);
            const image = decodeByHeader(png, header, { order: 'bgr', inflate: inflateByPako });
            expect(image.data.every((value, i) => value === data[i])).toBe(true);
          } finally {
            vi.unstubAllGlobals();
          }
        }
  });
});
