/**
 * @file Numeric gradients by central differences in float64, and the comparison of a backward pass with them.
 *
 *     df/dx_i ≈ (f(x + h·e_i) − f(x − h·e_i)) / 2h,   h = 1e-5 · max(1, |x_i|)
 *
 * An output y that is not a scalar is first projected: f = Σ r·y for a random r, whose gradient with respect to the inputs is
 * what the backward pass gives for dy = r.
 */

import { maxAbsDifference, type NdArray, randomNormal, zeros } from './array.ts';

const RELATIVE_STEP = 1e-5;

/** df by every input, of the scalar function `f` of several arrays. */
export function numericGradients(f: (...inputs: NdArray[]) => number, inputs: readonly NdArray[]): NdArray[] {
  return inputs.map((input, k) => {
    const data = input.data.slice();
    const perturbed = inputs.with(k, { shape: input.shape, data });
    const gradient = zeros(input.shape);
    input.data.forEach((value, i) => {
      const step = RELATIVE_STEP * Math.max(1, Math.abs(value));
      const above = value + step;
      const below = value - step;
      data[i] = above;
      const valueAbove = f(...perturbed);
      data[i] = below;
      const valueBelow = f(...perturbed);
      data[i] = value;
      gradient.data[i] = (valueAbove - valueBelow) / (above - below);
    });
    return gradient;
  });
}

/** Σ r·y. */
export function project(y: NdArray, r: NdArray): number {
  return y.data.reduce((sum, value, i) => sum + value * r.data[i]!, 0);
}

/**
 * The worst disagreement between a backward pass and central differences:
 * max |backward − numeric| / max(1, max |numeric|), over the gradients with respect to all inputs.
 *
 * @param forward y of the inputs.
 * @param backward dL by every input, in their order, given dL/dy.
 * @param next the source of the random projection.
 */
export function gradientError(
  forward: (...inputs: NdArray[]) => NdArray,
  backward: (dy: NdArray) => readonly NdArray[],
  inputs: readonly NdArray[],
  next: () => number,
): number {
  const dy = randomNormal(forward(...inputs).shape, next);
  const numeric = numericGradients((...perturbed) => project(forward(...perturbed), dy), inputs);
  const analytic = backward(dy);
  if (analytic.length !== numeric.length) {
    throw new Error(`${analytic.length} gradients for ${numeric.length} inputs`);
  }
  return numeric.reduce((worst, expected, k) => {
    const scale = Math.max(1, maxAbsDifference(expected, zeros(expected.shape)));
    return Math.max(worst, maxAbsDifference(analytic[k]!, expected) / scale);
  }, 0);
}
