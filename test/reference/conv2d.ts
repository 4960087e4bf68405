/**
 * @file Two-dimensional convolution (cross-correlation), its output shape and its three gradients, in float64.
 *
 *     y[n, o, i, j] = b[o] + Σ_{c, u, v} x[n, g·C/G + c, i·sh − top + u·dh, j·sw − left + v·dw] · w[o, c, u, v]
 *
 * with G groups, g = ⌊o / (O/G)⌋ the group of output channel o, and x zero outside of the image.
 */

import { assertShape, type NdArray, type Shape4, shape4, sizeOf, zeros } from './array.ts';

/** The geometry of a convolution. */
export interface Conv2dOptions {
  /** `[vertical, horizontal]` */
  readonly stride: readonly [number, number];
  /** `[top, bottom, left, right]` */
  readonly padding: Shape4;
  /** `[vertical, horizontal]` */
  readonly dilation: readonly [number, number];
  readonly groups: number;
}

/** `[N, O, H', W']`, where H' = ⌊(H + top + bottom − (dh·(kh − 1) + 1)) / sh⌋ + 1, and W' alike. */
export function conv2dOutputShape(
  inputShape: readonly number[],
  weightShape: readonly number[],
  options: Conv2dOptions,
): Shape4 {
  const [batch, , height, width] = shape4(inputShape);
  const [outChannels, , kernelHeight, kernelWidth] = shape4(weightShape);
  const [top, bottom, left, right] = options.padding;
  const spanHeight = options.dilation[0] * (kernelHeight - 1) + 1;
  const spanWidth = options.dilation[1] * (kernelWidth - 1) + 1;
  return [
    batch,
    outChannels,
    Math.floor((height + top + bottom - spanHeight) / options.stride[0]) + 1,
    Math.floor((width + left + right - spanWidth) / options.stride[1]) + 1,
  ];
}

/** y of input `[N, C, H, W]`, weight `[O, C/G, kh, kw]` and, if given, bias `[O]`. */
export function conv2d(input: NdArray, weight: NdArray, options: Conv2dOptions, bias?: NdArray): NdArray {
  const output = zeros(conv2dOutputShape(input.shape, weight.shape, options));
  if (bias) {
    const [, channels, height, width] = shape4(output.shape);
    assertShape(bias, [channels], 'bias');
    for (let i = 0; i < output.data.length; i++) {
      output.data[i] = bias.data[Math.floor(i / (height * width)) % channels]!;
    }
  }
  forEachProduct(input.shape, weight.shape, options, (x, w, y) => {
    output.data[y]! += input.data[x]! * weight.data[w]!;
  });
  return output;
}

/** dL/dx of shape `inputShape`, given dL/dy. */
export function conv2dGradInput(
  outputGradient: NdArray,
  weight: NdArray,
  inputShape: readonly number[],
  options: Conv2dOptions,
): NdArray {
  assertShape(outputGradient, conv2dOutputShape(inputShape, weight.shape, options), 'output gradient');
  const gradient = zeros(inputShape);
  forEachProduct(inputShape, weight.shape, options, (x, w, y) => {
    gradient.data[x]! += outputGradient.data[y]! * weight.data[w]!;
  });
  return gradient;
}

/** dL/dw of shape `weightShape`, given dL/dy. */
export function conv2dGradWeight(
  outputGradient: NdArray,
  input: NdArray,
  weightShape: readonly number[],
  options: Conv2dOptions,
): NdArray {
  assertShape(outputGradient, conv2dOutputShape(input.shape, weightShape, options), 'output gradient');
  const gradient = zeros(weightShape);
  forEachProduct(input.shape, weightShape, options, (x, w, y) => {
    gradient.data[w]! += outputGradient.data[y]! * input.data[x]!;
  });
  return gradient;
}

/** dL/db of shape `[O]`: the sum of dL/dy over images and positions. */
export function conv2dGradBias(outputGradient: NdArray): NdArray {
  const [, channels, height, width] = shape4(outputGradient.shape);
  const gradient = zeros([channels]);
  for (let i = 0; i < sizeOf(outputGradient.shape); i++) {
    gradient.data[Math.floor(i / (height * width)) % channels]! += outputGradient.data[i]!;
  }
  return gradient;
}

/**
 * Calls `visit` once for every product x·w that is a term of some y, with the three row-major indices.
 * The convolution is the sum of these products, so its gradients are sums over the same triples.
 */
function forEachProduct(
  inputShape: readonly number[],
  weightShape: readonly number[],
  options: Conv2dOptions,
  visit: (x: number, w: number, y: number) => void,
): void {
  const [batch, channels, height, width] = shape4(inputShape);
  const [outChannels, groupChannels, kernelHeight, kernelWidth] = shape4(weightShape);
  const [, , outHeight, outWidth] = conv2dOutputShape(inputShape, weightShape, options);
  const { groups } = options;
  const [strideY, strideX] = options.stride;
  const [top, , left] = options.padding;
  const [dilationY, dilationX] = options.dilation;
  if (groupChannels * groups !== channels || outChannels % groups !== 0) {
    throw new Error(`weight [${weightShape}] does not fit input [${inputShape}] in ${groups} groups`);
  }

  for (let n = 0; n < batch; n++) {
    for (let o = 0; o < outChannels; o++) {
      const firstChannel = Math.floor(o / (outChannels / groups)) * groupChannels;
      for (let i = 0; i < outHeight; i++) {
        for (let j = 0; j < outWidth; j++) {
          const y = ((n * outChannels + o) * outHeight + i) * outWidth + j;
          for (let c = 0; c < groupChannels; c++) {
            for (let u = 0; u < kernelHeight; u++) {
              const row = i * strideY - top + u * dilationY;
              if (row < 0 || row >= height) continue;
              for (let v = 0; v < kernelWidth; v++) {
                const column = j * strideX - left + v * dilationX;
                if (column < 0 || column >= width) continue;
                const x = ((n * channels + firstChannel + c) * height + row) * width + column;
                const w = ((o * groupChannels + c) * kernelHeight + u) * kernelWidth + v;
                visit(x, w, y);
              }
            }
          }
        }
      }
    }
  }
}
