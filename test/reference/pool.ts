/**
 * @file Maximum and average pooling, in float64.
 *
 * Output (i, j) looks at the window of rows i·sh − top … + kh − 1 and columns j·sw − left … + kw − 1, of which
 * only what lies in the image counts:
 *
 *     max: the largest element; its gradient goes to the first largest in row-major order
 *     avg: the sum, divided by the number of elements in the image (exclusive) or in the padded image (inclusive)
 *
 * A window without any element of the image (the ceil mode can make one) gives −FLT_MAX and 0, and no gradient.
 *
 * Source: PaddlePaddle 1.8, operators/pool_op.cc and operators/math/pooling.cc; the inclusive average that of PyTorch,
 * AvgPoolKernel.cpp: 1.8 divided by kh·kw.
 */

import { assertShape, type NdArray, type Shape4, shape4, zeros } from './array.ts';

/** The geometry and kind of a pooling. */
export interface PoolOptions {
  readonly type: 'max' | 'avg';
  /** `[height, width]` */
  readonly kernel: readonly [number, number];
  /** `[vertical, horizontal]` */
  readonly stride: readonly [number, number];
  /** `[top, bottom, left, right]` */
  readonly padding: Shape4;
  /** Whether the output's size is rounded up instead of down; false unless told. */
  readonly ceilMode?: boolean;
  /** Whether an average leaves the padding out of its count; true unless told. */
  readonly exclusive?: boolean;
  /** Whether the window is the whole image, without padding, whatever kernel and padding say. */
  readonly global?: boolean;
}

/** The most negative finite float32, with which a maximum starts. */
const LOWEST_FLOAT32 = -(2 - 2 ** -23) * 2 ** 127;

/** `[N, C, H', W']`, where H' = ⌊(H − kh + top + bottom (+ sh − 1 in ceil mode)) / sh⌋ + 1, and W' alike. */
export function poolOutputShape(inputShape: readonly number[], options: PoolOptions): Shape4 {
  const [batch, channels, height, width] = shape4(inputShape);
  const { kernel, stride, padding, ceilMode } = resolveGlobal(inputShape, options);
  const [top, bottom, left, right] = padding;
  const extra = ceilMode ? [stride[0] - 1, stride[1] - 1] : [0, 0];
  return [
    batch,
    channels,
    Math.floor((height - kernel[0] + top + bottom + extra[0]!) / stride[0]) + 1,
    Math.floor((width - kernel[1] + left + right + extra[1]!) / stride[1]) + 1,
  ];
}

/** The pooled `[N, C, H', W']` of `[N, C, H, W]`. */
export function pool(input: NdArray, options: PoolOptions): NdArray {
  const output = zeros(poolOutputShape(input.shape, options));
  forEachWindow(input.shape, options, (y, window, padded) => {
    if (options.type === 'max') {
      const first = firstMaximum(input, window);
      output.data[y] = first === undefined ? LOWEST_FLOAT32 : input.data[first]!;
    } else {
      const sum = window.reduce((total, x) => total + input.data[x]!, 0);
      output.data[y] = sum / divisor(options, window.length, padded);
    }
  });
  return output;
}

/** dL/dx of {@link pool}, given its input and dL/dy. */
export function poolBackward(input: NdArray, outputGradient: NdArray, options: PoolOptions): NdArray {
  assertShape(outputGradient, poolOutputShape(input.shape, options), 'output gradient');
  const gradient = zeros(input.shape);
  forEachWindow(input.shape, options, (y, window, padded) => {
    if (options.type === 'max') {
      const first = firstMaximum(input, window);
      if (first !== undefined) gradient.data[first]! += outputGradient.data[y]!;
    } else {
      for (const x of window) {
        gradient.data[x]! += outputGradient.data[y]! / divisor(options, window.length, padded);
      }
    }
  });
  return gradient;
}

/** The index of the first largest element of the window. */
function firstMaximum(input: NdArray, window: readonly number[]): number | undefined {
  let largest = LOWEST_FLOAT32;
  let first: number | undefined;
  for (const x of window) {
    if (input.data[x]! > largest) {
      largest = input.data[x]!;
      first = x;
    }
  }
  return first;
}

/**
 * What an average over `count` elements of the image, and `padded` of the padded image, is divided by; 1 for none, whose
 * sum is 0.
 */
function divisor({ exclusive = true }: PoolOptions, count: number, padded: number): number {
  return Math.max(exclusive ? count : padded, 1);
}

function resolveGlobal(inputShape: readonly number[], options: PoolOptions): PoolOptions {
  if (!options.global) return options;
  const [, , height, width] = shape4(inputShape);
  return { ...options, kernel: [height, width], padding: [0, 0, 0, 0] };
}

/**
 * Calls `visit` for every output index, with the row-major indices of the window's elements in the image and how many
 * elements it has in the padded image.
 */
function forEachWindow(
  inputShape: readonly number[],
  options: PoolOptions,
  visit: (y: number, window: readonly number[], padded: number) => void,
): void {
  const [batch, channels, height, width] = shape4(inputShape);
  const [, , outHeight, outWidth] = poolOutputShape(inputShape, options);
  const { kernel, stride, padding } = resolveGlobal(inputShape, options);
  for (let plane = 0; plane < batch * channels; plane++) {
    for (let i = 0; i < outHeight; i++) {
      for (let j = 0; j < outWidth; j++) {
        const window: number[] = [];
        let padded = 0;
        for (let u = 0; u < kernel[0]; u++) {
          for (let v = 0; v < kernel[1]; v++) {
            const row = i * stride[0] - padding[0] + u;
            const column = j * stride[1] - padding[2] + v;
            if (row < height + padding[1] && column < width + padding[3]) padded++;
            if (row < 0 || row >= height || column < 0 || column >= width) continue;
            window.push((plane * height + row) * width + column);
          }
        }
        visit((plane * outHeight + i) * outWidth + j, window, padded);
      }
    }
  }
}
