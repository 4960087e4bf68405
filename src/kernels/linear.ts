/**
 * @file The fully connected layer on row-major matrices, with x `[N, in]`, W `[in, out]` and b `[out]`:
 *
 *     y = x·W + b,   dx = dy·Wᵀ,   dW = xᵀ·dy,   db = Σ_n dy[n]
 *
 * The three products are the kernel of `product.ts`.
 */

import type { BuffersOf } from './buffers.ts';
import type { KernelPlan } from './plan.ts';
import { productPlan } from './product.ts';
import { sumSequence } from './reduce.ts';
import type { KernelSequence } from './sequence.ts';

/** The extents of a fully connected layer. */
export interface LinearSize {
  /** N, the rows of x. */
  readonly rows: number;
  readonly inFeatures: number;
  readonly outFeatures: number;
}

/** y = x·W, + b where it has one: a is x, b is W, c is y. */
export function linearPlan(
  size: LinearSize,
  options: { readonly bias: boolean },
): KernelPlan<BuffersOf<'a' | 'b' | 'c', 'bias'>> {
  const { rows, inFeatures, outFeatures } = size;
  const strides = {
    aRow: inFeatures,
    aInner: 1,
    bInner: outFeatures,
    bColumn: 1,
    cRow: outFeatures,
    cColumn: 1,
  };
  return productPlan({ rows, columns: outFeatures, inner: inFeatures, ...strides }, options);
}

/** dx = dy·Wᵀ: a is dy, b is W, c is dx. */
export function linearBackwardInputPlan({
  rows,
  inFeatures,
  outFeatures,
}: LinearSize): KernelPlan<BuffersOf<'a' | 'b' | 'c', 'bias'>> {
  const strides = {
    aRow: outFeatures,
    aInner: 1,
    bInner: 1,
    bColumn: outFeatures,
    cRow: inFeatures,
    cColumn: 1,
  };
  return productPlan({ rows, columns: inFeatures, inner: outFeatures, ...strides });
}

/** dW = xᵀ·dy: a is x, b is dy, c is dW. */
export function linearBackwardWeightPlan({
  rows,
  inFeatures,
  outFeatures,
}: LinearSize): KernelPlan<BuffersOf<'a' | 'b' | 'c', 'bias'>> {
  const strides = {
    aRow: 1,
    aInner: inFeatures,
    bInner: outFeatures,
    bColumn: 1,
    cRow: outFeatures,
    cColumn: 1,
  };
  return productPlan({ rows: inFeatures, columns: outFeatures, inner: rows, ...strides });
}

/** db, the sums of dy's columns: x is dy, y is db. */
export function linearBackwardBiasSequence({
  rows,
  outFeatures,
}: LinearSize): KernelSequence<BuffersOf<'x' | 'y'>> {
  return sumSequence(
    { shape: [rows, outFeatures], layout: 'row-major' },
    { shape: [outFeatures], layout: 'row-major' },
  );
}
