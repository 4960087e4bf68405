import { describe, expect, it } from 'vitest';
import { exifOrientation } from '../../src/data/exif.ts';

const ORIENTATION = 0x0112;
const MAKE = 0x010f;
const SOFTWARE = 0x0131;

/** A TIFF block that ends with its directory, which stands at `at`; `count` is what it says of its entries. */
function tiffOf(
  entries: (readonly [tag: number, value: number])[],
  at = 8,
  count = entries.length,
): Uint8Array {
  const tiff = new DataView(new ArrayBuffer(at + 2 + 12 * entries.length));
  tiff.setUint16(0, 0x4d4d);
  tiff.setUint16(2, 42);
  tiff.setUint32(4, at);
  tiff.setUint16(at, count);
  entries.forEach(([tag, value], i) => {
    tiff.setUint16(at + 2 + 12 * i, tag);
    tiff.setUint16(at + 2 + 12 * i + 8, value);
  });
  return new Uint8Array(tiff.buffer);
}

describe('exifOrientation, of a directory as cameras write it', () => {
  it('finds the orientation among other entries, wherever it stands', () => {
    const others = [
      [MAKE, 3],
      [SOFTWARE, 5],
    ] as const;
    for (let place = 0; place <= others.length; place++) {
      const entries = [...others.slice(0, place), [ORIENTATION, 6] as const, ...others.slice(place)];
      expect(exifOrientation(tiffOf(entries))).toBe(6);
      expect(exifOrientation(tiffOf(entries, 30))).toBe(6);
    }
  });

  it('is upright where no entry is an orientation', () => {
    expect(exifOrientation(tiffOf([[MAKE, 6]]))).toBe(1);
    expect(
      exifOrientation(
        tiffOf([
          [MAKE, 6],
          [SOFTWARE, 8],
        ]),
      ),
    ).toBe(1);
  });

  it('reads no more entries than there are said to be', () => {
    const entries = [
      [MAKE, 3],
      [ORIENTATION, 6],
    ] as const;
    expect(exifOrientation(tiffOf([...entries], 8, 2))).toBe(6);
    expect(exifOrientation(tiffOf([...entries], 8, 1))).toBe(1);
    expect(exifOrientation(tiffOf([...entries], 8, 0))).toBe(1);
  });

  it('is upright where the block ends within its entries', () => {
    const whole = tiffOf([
      [MAKE, 3],
      [ORIENTATION, 6],
    ]);
    for (let length = 0; length < whole.length; length++) {
      expect(exifOrientation(whole.subarray(0, length))).toBe(1);
    }
    // A directory that lies beyond the end.
    whole[4] = 1;
    expect(exifOrientation(whole)).toBe(1);
  });
});
