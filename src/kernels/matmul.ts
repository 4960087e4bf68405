/**
 * @file Products of batches of row-major matrices, `c = a·b` with a `[…, rows, inner]` and b `[…, inner, columns]`, whose batches
 * broadcast to that of c. The gradients `da = dc·bᵀ` and `db = aᵀ·dc` have the whole batch of c.
 */

import { check } from '../errors.ts';
import { memoryStrides } from '../shape/layout.ts';
import { formatShape, type Shape } from '../shape/shape.ts';
import type { BuffersOf } from './buffers.ts';
import type { KernelPlan } from './plan.ts';
import { type ProductBatch, productPlan } from './product.ts';
import { joinAxes } from './strided-walk.ts';

/** The extents of products: the batch of the result, those of the operands, and of each matrix. */
export interface MatmulSize {
  readonly batch: Shape;
  readonly aBatch: Shape;
  readonly bBatch: Shape;
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
}

type MatmulPlan = KernelPlan<BuffersOf<'a' | 'b' | 'c', 'bias'>>;

/** c: a is a, b is b. */
export function matmulPlan(size: MatmulSize): MatmulPlan {
  const { batch, aBatch, bBatch, rows, inner, columns } = size;
  const strides = { aRow: inner, aInner: 1, bInner: columns, bColumn: 1, cRow: columns, cColumn: 1 };
  const matrices = { aSize: rows * inner, bSize: inner * columns };
  return productPlan(
    { rows, columns, inner, ...strides },
    { batch: batchOf(batch, aBatch, bBatch, matrices) },
  );
}

/** da: a is dc, b is b, c is da, of the batch of dc. */
export function matmulBackwardAPlan({ batch, bBatch, rows, inner, columns }: MatmulSize): MatmulPlan {
  const strides = { aRow: columns, aInner: 1, bInner: 1, bColumn: columns, cRow: inner, cColumn: 1 };
  const matrices = { aSize: rows * columns, bSize: inner * columns };
  return productPlan(
    { rows, columns: inner, inner: columns, ...strides },
    { batch: batchOf(batch, batch, bBatch, matrices) },
  );
}

/** db: a is a, b is dc, c is db, of the batch of dc. */
export function matmulBackwardBPlan({ batch, aBatch, rows, inner, columns }: MatmulSize): MatmulPlan {
  const strides = { aRow: 1, aInner: inner, bInner: columns, bColumn: 1, cRow: columns, cColumn: 1 };
  const matrices = { aSize: rows * inner, bSize: rows * columns };
  return productPlan(
    { rows: inner, columns, inner: rows, ...strides },
    { batch: batchOf(batch, aBatch, batch, matrices) },
  );
}

/** The batch as two axes at most. Throws 'unsupported' where operands are broadcast along axes by turns. */
function batchOf(
  batch: Shape,
  aBatch: Shape,
  bBatch: Shape,
  { aSize, bSize }: { readonly aSize: number; readonly bSize: number },
): ProductBatch {
  const a = batchStrides(batch, aBatch, aSize);
  const b = batchStrides(batch, bBatch, bSize);
  const axes = joinAxes(batch.map((count, i) => ({ count, extent: count, strides: [a[i]!, b[i]!] })));
  check(
    axes.length <= 2,
    'unsupported',
    () =>
      `matmul: the batches ${formatShape(aBatch)} and ${formatShape(bBatch)} broadcast along more than two axes by turns: reshape() them`,
  );
  const single = { count: 1, strides: [0, 0] };
  const [inner = single, outer = single] = axes.toReversed();
  return {
    ...{ outerCount: outer.count, innerCount: inner.count },
    ...{ aOuterBatch: outer.strides[0]!, aInnerBatch: inner.strides[0]! },
    ...{ bOuterBatch: outer.strides[1]!, bInnerBatch: inner.strides[1]! },
  };
}

/** How far matrices of `size` elements lie apart along each axis of `batch`, to which `own` broadcasts. */
function batchStrides(batch: Shape, own: Shape, size: number): number[] {
  const missing = batch.length - own.length;
  const strides = memoryStrides(own, 'row-major');
  return batch.map((_, i) => ((own[i - missing] ?? 1) === 1 ? 0 : strides[i - missing]! * size));
}
