/**
 * @file Two-dimensional transposed convolution and its gradients, in float64.
 *
 *     y[n, g·O/G + o, i·sh − top + u·dh, j·sw − left + v·dw] += x[n, c, i, j] · w[c, o, u, v]   for all n, c, o, i, j, u, v
 *
 * with G groups, g = ⌊c / (C/G)⌋ the group of input channel c; what lies outside of y is lost.
 */

import { type NdArray, type Shape4, shape4, zeros } from './array.ts';
import type { Conv2dOptions } from './conv2d.ts';

/** The geometry of a transposed convolution. */
export interface ConvTranspose2dOptions extends Conv2dOptions {
  readonly outputPadding: readonly [number, number];
}

/** `[N, O, H', W']` of input `[N, C, H, W]` and weight `[C, O/G, kh, kw]`. */
export function convTranspose2dOutputShape(
  inputShape: readonly number[],
  weightShape: readonly number[],
  { stride, padding, dilation, outputPadding, groups }: ConvTranspose2dOptions,
): Shape4 {
  const [batch, , height, width] = shape4(inputShape);
  const [, groupChannels, kernelHeight, kernelWidth] = shape4(weightShape);
  const [top, bottom, left, right] = padding;
  return [
    batch,
    groupChannels * groups,
    (height - 1) * stride[0] - top - bottom + dilation[0] * (kernelHeight - 1) + outputPadding[0] + 1,
    (width - 1) * stride[1] - left - right + dilation[1] * (kernelWidth - 1) + outputPadding[1] + 1,
  ];
}

/** y of input `[N, C, H, W]`, weight `[C, O/G, kh, kw]` and, if given, bias `[O]`. */
export function convTranspose2d(
  input: NdArray,
  weight: NdArray,
  options: ConvTranspose2dOptions,
  bias?: NdArray,
): NdArray {
  const y = zeros(convTranspose2dOutputShape(input.shape, weight.shape, options));
  const [, channels, height, width] = shape4(y.shape);
  if (bias)
    y.data.forEach((_, i) => {
      y.data[i] = bias.data[Math.floor(i / (height * width)) % channels]!;
    });
  forEachProduct(input.shape, weight.shape, options, (x, w, out) => {
    y.data[out]! += input.data[x]! * weight.data[w]!;
  });
  return y;
}

/** dL/dx and dL/dw, given dL/dy. */
export function convTranspose2dBackward(
  input: NdArray,
  weight: NdArray,
  dy: NdArray,
  options: ConvTranspose2dOptions,
): { readonly dx: NdArray; readonly dw: NdArray } {
  const dx = zeros(input.shape);
  const dw = zeros(weight.shape);
  forEachProduct(input.shape, weight.shape, options, (x, w, out) => {
    dx.data[x]! += dy.data[out]! * weight.data[w]!;
    dw.data[w]! += dy.data[out]! * input.data[x]!;
  });
  return { dx, dw };
}

/** Calls `visit` once for every product x·w that is a term of some y, with the three row-major indexes. */
function forEachProduct(
  inputShape: readonly number[],
  weightShape: readonly number[],
  options: ConvTranspose2dOptions,
  visit: (x: number, w: number, y: number) => void,
): void {
  const [batch, channels, height, width] = shape4(inputShape);
  const [, groupChannels, kernelHeight, kernelWidth] = shape4(weightShape);
  const [, outChannels, outHeight, outWidth] = convTranspose2dOutputShape(inputShape, weightShape, options);
  const { stride, padding, dilation, groups } = options;
  const [top, , left] = padding;
  for (let n = 0; n < batch; n++)
    for (let c = 0; c < channels; c++)
      for (let i = 0; i < height; i++)
        for (let j = 0; j < width; j++)
          for (let o = 0; o < groupChannels; o++)
            for (let u = 0; u < kernelHeight; u++)
              for (let v = 0; v < kernelWidth; v++) {
                const row = i * stride[0] - top + u * dilation[0];
                const column = j * stride[1] - left + v * dilation[1];
                if (row < 0 || row >= outHeight || column < 0 || column >= outWidth) continue;
                const channel = Math.floor(c / (channels / groups)) * groupChannels + o;
                visit(
                  ((n * channels + c) * height + i) * width + j,
                  ((c * groupChannels + o) * kernelHeight + u) * kernelWidth + v,
                  ((n * outChannels + channel) * outHeight + row) * outWidth + column,
                );
              }
}
