import { afterEach, describe, expect, it, vi } from 'vitest';
import { decodeImage } from '../../src/data/decode-browser.ts';

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

  it('reports what the browser cannot decode', async () => {
    stubBrowser([]);
    await expect(decodeImage(new Blob([]))).rejects.toMatchObject({ code: 'bad-file' });
  });
});
