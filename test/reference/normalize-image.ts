/**
 * @file From bytes to the network's input: uint8 `[N, H, W, 3]` to `[N, 3, H, W]`, 0…255 to −1…1.
 *
 *     y[n, c, i, j] = x[n, i, j, c] / 255 · 2 − 1
 */

import { map, type NdArray, sizeOf, zeros } from './array.ts';

/** `[N, 3, H, W]` of the N·H·W·3 bytes of `[N, H, W, 3]`. */
export function normalizeImage(
  pixels: Uint8Array | Uint8ClampedArray,
  [batch, height, width]: readonly [number, number, number],
): NdArray {
  const shape = [batch, 3, height, width];
  if (pixels.length !== sizeOf(shape)) {
    throw new Error(`${pixels.length} bytes are not ${batch} images of ${height} × ${width} × 3`);
  }
  const positions = height * width;
  return map(zeros(shape), (_, index) => {
    const n = Math.floor(index / (3 * positions));
    const c = Math.floor(index / positions) % 3;
    const position = index % positions;
    return (pixels[(n * positions + position) * 3 + c]! / 255) * 2 - 1;
  });
}
