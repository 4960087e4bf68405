/**
 * @file The fully connected layer, in float64.
 *
 *     y = x·W + b,   dx = dy·Wᵀ,   dW = xᵀ·dy,   db = Σ_n dy[n]
 *
 * with x `[N, in]`, W `[in, out]`, b `[out]` and y `[N, out]`.
 */

import { assertShape, type NdArray, zeros } from './array.ts';

/** dL by every input of {@link linear}. */
export interface LinearGradients {
  readonly dx: NdArray;
  readonly dweight: NdArray;
  readonly dbias: NdArray;
}

/** x·W + b. */
export function linear(x: NdArray, weight: NdArray, bias?: NdArray): NdArray {
  const { batch, inFeatures, outFeatures } = sizes(x, weight);
  if (bias) assertShape(bias, [outFeatures], 'bias');
  const y = zeros([batch, outFeatures]);
  for (let n = 0; n < batch; n++) {
    for (let o = 0; o < outFeatures; o++) {
      let sum = bias ? bias.data[o]! : 0;
      for (let i = 0; i < inFeatures; i++) {
        sum += x.data[n * inFeatures + i]! * weight.data[i * outFeatures + o]!;
      }
      y.data[n * outFeatures + o] = sum;
    }
  }
  return y;
}

/** The gradients of {@link linear}, given dL/dy. */
export function linearBackward(x: NdArray, weight: NdArray, dy: NdArray): LinearGradients {
  const { batch, inFeatures, outFeatures } = sizes(x, weight);
  assertShape(dy, [batch, outFeatures], 'dy');
  const dx = zeros(x.shape);
  const dweight = zeros(weight.shape);
  const dbias = zeros([outFeatures]);
  for (let n = 0; n < batch; n++) {
    for (let o = 0; o < outFeatures; o++) {
      const d = dy.data[n * outFeatures + o]!;
      for (let i = 0; i < inFeatures; i++) {
        dx.data[n * inFeatures + i]! += d * weight.data[i * outFeatures + o]!;
        dweight.data[i * outFeatures + o]! += d * x.data[n * inFeatures + i]!;
      }
      dbias.data[o]! += d;
    }
  }
  return { dx, dweight, dbias };
}

function sizes(x: NdArray, weight: NdArray): { batch: number; inFeatures: number; outFeatures: number } {
  const [inFeatures, outFeatures] = weight.shape as [number, number];
  const batch = x.shape[0]!;
  assertShape(x, [batch, inFeatures], 'x');
  return { batch, inFeatures, outFeatures };
}
