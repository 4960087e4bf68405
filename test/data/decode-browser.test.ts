import { afterEach, describe, expect, it, vi } from 'vitest';
import { decodeImage } from '../../src/data/browser/decode-image.ts';
import { flatJpeg } from './jpeg/flat-jpeg.ts';

/** Stands in for the browser: a 2×1 bitmap with the RGBA pixels given. */
function stubBrowser(rgba: number[]) {
  const bitmap = { width: 2, height: 1, close: vi.fn() };
  const context = {
    drawn: undefined as unknown,
    drawImage(image: unknown) {
      this.drawn = image;
    },
    getImageData() {
      return { data: Uint8ClampedArray.from(this.drawn === bitmap ? rgba : []) };
    },
  };
  vi.stubGlobal('createImageBitmap', async (blob: Blob) => {
    if (blob.size === 0) throw new Error('no image');
    return bitmap;
  });
  vi.stubGlobal(
    'OffscreenCanvas',
    class {
      getContext() {
        return context;
      }
    },
  );
  return bitmap;
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('decodeImage in browsers', () => {
  it('gives the pixels of a blob or bytes, blue first by default, and frees the bitmap', async () => {
    const bitmap = stubBrowser([1, 2, 3, 255, 4, 5, 6, 255]);
    const bgr = await decodeImage(new Blob(['x']));
    expect(bgr).toEqual({
      width: 2,
      height: 1,
      channels: 3,
      order: 'bgr',
      data: Uint8Array.of(3, 2, 1, 6, 5, 4),
    });
    const rgb = await decodeImage(Uint8Array.of(1), { order: 'rgb' });
    expect([...rgb.data]).toEqual([1, 2, 3, 4, 5, 6]);
    expect(bitmap.close).toHaveBeenCalledTimes(2);
  });

  it('refuses more than maxPixels: a JPEG by its header, other formats once they are decoded', async () => {
    const bitmap = stubBrowser([]);
    const jpeg = flatJpeg({ width: 64, height: 32 });
    const create = vi.spyOn(globalThis, 'createImageBitmap');
    await expect(decodeImage(new Uint8Array(jpeg), { maxPixels: 2047 })).rejects.toMatchObject({
      code: 'bad-file',
      message: expect.stringContaining('64×32 pixels'),
    });
    jpeg.set([0x27, 0x10, 0x27, 0x10], Buffer.from(jpeg).indexOf(Uint8Array.of(0xff, 0xc0)) + 5);
    await expect(decodeImage(new Uint8Array(jpeg))).rejects.toThrow(
      /10000×10000 pixels, which take at least/,
    );
    expect(create).not.toHaveBeenCalled();
    await expect(decodeImage(new Blob(['WEBP']), { maxPixels: 1 })).rejects.toThrow(/2×1 pixels/);
    expect(bitmap.close).toHaveBeenCalledTimes(1);
    await expect(decodeImage(new Blob(['x']), { maxPixels: 0 })).rejects.toMatchObject({
      code: 'invalid-argument',
    });
  });

  it('reports what the browser cannot decode', async () => {
    stubBrowser([]);
    await expect(decodeImage(new Blob([]))).rejects.toMatchObject({
      code: 'bad-file',
      message: expect.stringContaining('image of 0 bytes'),
      cause: new Error('no image'),
    });
  });

  it('turns photographs upright, ignores colour profiles, and blends with black', async () => {
    stubBrowser([1, 2, 3, 255, 4, 5, 6, 255]);
    const create = vi.spyOn(globalThis, 'createImageBitmap');
    const canvases: [number, number][] = [];
    const contexts: unknown[][] = [];
    const Canvas = globalThis.OffscreenCanvas as unknown as new () => { getContext(): unknown };
    vi.stubGlobal(
      'OffscreenCanvas',
      class {
        constructor(width: number, height: number) {
          canvases.push([width, height]);
        }
        getContext(...request: unknown[]) {
          contexts.push(request);
          return new Canvas().getContext();
        }
      },
    );
    await decodeImage(new Blob(['x']));
    expect(create).toHaveBeenCalledWith(expect.any(Blob), {
      imageOrientation: 'from-image',
      colorSpaceConversion: 'none',
    });
    expect(canvases).toEqual([[2, 1]]);
    // Memory that is read must not go to a GPU and back, whose drivers may round.
    expect(contexts).toEqual([['2d', { alpha: false, willReadFrequently: true }]]);
  });

  it('says where the browser gives no canvas, and frees the bitmap', async () => {
    const bitmap = stubBrowser([]);
    vi.stubGlobal(
      'OffscreenCanvas',
      class {
        getContext() {
          return null;
        }
      },
    );
    await expect(decodeImage(new Blob(['x']))).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('OffscreenCanvas'),
    });
    expect(bitmap.close).toHaveBeenCalledTimes(1);
  });
});
