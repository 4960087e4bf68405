/**
 * @file From bytes to the network's input by way of transforms, in float64: the formula of `kernels/augment-images.ts`.
 */

import { map, type NdArray, zeros } from './array.ts';

const LENGTH = 24;

/** Six rows of four numbers: places, colours, the rectangle. */
const rowsOf = (parameters: ArrayLike<number>, image: number): number[][] =>
  [0, 1, 2, 3, 4, 5].map((row) => [0, 1, 2, 3].map((i) => parameters[image * LENGTH + row * 4 + i]!));

const dot = (row: readonly number[], values: readonly number[]): number =>
  values.reduce((sum, value, i) => sum + value * row[i]!, 0);

/** `[N, 3, H, W]` of bytes `[N, H, W, 3]` and parameters `[N, 24]`; mean and deviation are 0.5. */
export function augmentImages(
  bytes: Uint8Array,
  [batch, height, width]: readonly [number, number, number],
  parameters: ArrayLike<number>,
): NdArray {
  const pixel = (n: number, y: number, x: number, c: number): number =>
    x < 0 || y < 0 || x >= width || y >= height ? 0 : bytes[((n * height + y) * width + x) * 3 + c]!;
  const sample = (n: number, x: number, y: number, c: number): number => {
    const [left, top] = [Math.floor(x), Math.floor(y)];
    const [right, below] = [x - left, y - top];
    return (
      (1 - below) * ((1 - right) * pixel(n, top, left, c) + right * pixel(n, top, left + 1, c)) +
      below * ((1 - right) * pixel(n, top + 1, left, c) + right * pixel(n, top + 1, left + 1, c))
    );
  };
  const colorAt = (n: number, c: number, y: number, x: number): number => {
    const [first, second, ...rest] = rowsOf(parameters, n) as [number[], number[], ...number[][]];
    const [left, top, right, bottom] = rest[3] as [number, number, number, number];
    if (x >= left && x < right && y >= top && y < bottom) return 0;
    const at = [x + 0.5, y + 0.5, 1];
    const [sourceX, sourceY] = [dot(first, at) - 0.5, dot(second, at) - 0.5];
    const color = [...[0, 1, 2].map((channel) => sample(n, sourceX, sourceY, channel)), 1];
    return (Math.min(255, Math.max(0, dot(rest[c]!, color))) / 255) * 2 - 1;
  };
  return map(zeros([batch, 3, height, width]), (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width) % height];
    const [c, n] = [Math.floor(i / (width * height)) % 3, Math.floor(i / (3 * width * height))];
    const [share, partner] = [parameters[n * LENGTH + 3]!, parameters[n * LENGTH + 7]!];
    return share * colorAt(n, c, y, x) + (1 - share) * colorAt(partner, c, y, x);
  });
}
