/**
 * @file Rows by their indexes: embeddings, and samples out of a batch.
 */

import { check } from '../../errors.ts';
import { gatherBackwardSequence, gatherPlan } from '../../kernels/gather.ts';
import type { Layout } from '../../shape/layout.ts';
import { checkShape, formatShape, type Shape } from '../../shape/shape.ts';
import { checkTensor } from '../../tensor/check-tensor.ts';
import { empty } from '../../tensor/create.ts';
import { run, runSequence } from '../../tensor/run.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp } from '../define-op.ts';
import { checkFloat } from './operands.ts';
import { toLayout } from './shape.ts';

interface GatherAttributes {
  /** Of the result. */
  readonly shape: Shape;
  readonly layout: Layout;
}

const gatherOp = /* @__PURE__ */ defineOp<
  GatherAttributes,
  { indexes: Tensor<'i32'>; x: Pick<Tensor, 'shape' | 'layout'> },
  readonly [Tensor, Tensor<'i32'>]
>({
  name: 'gather',
  forward: ([x, indexes], { shape, layout }) => {
    const y = empty(x.device, shape, { layout });
    run(gatherPlan(x, indexes.size), { x, indexes, y });
    return { output: y, saved: { indexes, x: { shape: x.shape, layout: x.layout } } };
  },
  backward: (dy, { saved: { indexes, x }, needs, into }) => {
    if (!needs[0]) return [];
    const dx = into[0] ?? empty(dy.device, x.shape, { layout: x.layout });
    dy.device.clear(dx.writable());
    runSequence(gatherBackwardSequence(x, indexes.size), { dy, indexes, dx });
    return [dx];
  },
});

/**
 * The rows of `x` `[R, …]` that `indexes`, of type i32 and any shape, name: `[…indexes, …]`, as PyTorch's `x[indexes]` and
 * `embedding` have it. The gradient of a row is the sum over all its places in the list, added in the list's order; it takes time
 * that grows with the square of the list's length.
 *
 * An index below 0 or beyond the last row names none: its row of the result is NaN, which a loss shows, and it has no gradient.
 * Throws 'dtype-mismatch' unless x is of type f32 and the indexes are of type i32.
 */
export function gather(x: Tensor, indexes: Tensor<'i32'>): Tensor {
  checkTensor('gather', 'x', x);
  checkTensor('gather', 'indexes', indexes);
  checkFloat('gather', x);
  check(
    indexes.dtype === 'i32',
    'dtype-mismatch',
    () =>
      `gather takes indexes of type i32, got ${indexes.dtype}: make them of an Int32Array, or cast() them`,
  );
  check(
    x.shape.length > 0,
    'shape-mismatch',
    () => `gather takes rows of a tensor, x ${formatShape(x.shape)} has no axis`,
  );
  const shape = [...indexes.shape, ...x.shape.slice(1)];
  checkShape(shape, 'the result of gather');
  // Rows lie in memory in one piece unless the layout is that of filters; one axis for another keeps the rest as it is.
  const kept = indexes.shape.length === 1 && x.layout === 'channels-last';
  const layout = kept ? 'channels-last' : 'row-major';
  return gatherOp([toLayout(x, layout), toLayout(indexes, 'row-major')], { shape, layout });
}
