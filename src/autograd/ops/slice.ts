/**
 * @file Cutting a part out of a tensor.
 */

import { checkOptions } from '../../arguments.ts';
import { copyPlan } from '../../kernels/strided-copy.ts';
import type { Layout } from '../../shape/layout.ts';
import type { Shape } from '../../shape/shape.ts';
import { SLICE_OPTIONS, type SliceOptions, sliceRanges } from '../../shape/slice.ts';
import { type AxisRange, sliceView, type View, viewOf } from '../../shape/view.ts';
import { checkTensor } from '../../tensor/check-tensor.ts';
import { empty, zeros } from '../../tensor/create.ts';
import { run } from '../../tensor/run.ts';
import type { AnyTensor, Tensor } from '../../tensor/tensor.ts';
import type { DType } from '../../tensor/values.ts';
import { defineOp } from '../define-op.ts';
import { checkWords } from './shape.ts';

const partOf = (view: View, ranges: readonly AxisRange[]): View =>
  ranges.reduce((part, range, axis) => sliceView(part, axis, range), view);

const sliceOp = /* @__PURE__ */ defineOp<
  readonly AxisRange[],
  { shape: Shape; layout: Layout },
  readonly AnyTensor[],
  AnyTensor
>({
  name: 'slice',
  forward: ([x], ranges) => {
    const { device, shape, layout, dtype } = x!;
    const part = partOf(viewOf(x!), ranges);
    const y = empty(device, part.shape, { layout, dtype });
    run(copyPlan('slice', part, viewOf(y)), { x: x!, y });
    return { output: y, saved: { shape, layout } };
  },
  backward: (dy, { saved: { shape, layout } }, ranges) => {
    const dx = zeros(dy.device, shape, { layout });
    run(copyPlan('slice', viewOf(dy), partOf(viewOf(dx), ranges)), { x: dy, y: dx });
    return [dx];
  },
});

/**
 * A part of `x`, in the same layout: `slice(x, { starts: [0, 1], ends: [2, -1], steps: [1, 2] })` is NumPy's `x[0:2, 1:-1:2]`, and
 * `slice(x, { axes: [-1], starts: [3] })` is `x[..., 3:]`.
 *
 * Throws 'invalid-argument' where a range begins or ends outside of `x`, has no element or a step below 1, where an axis is
 * named twice and where the lists differ in length.
 */
export function slice<D extends DType>(x: Tensor<D>, options: SliceOptions): Tensor<D> {
  checkTensor('slice', 'x', x);
  checkOptions('slice', options, SLICE_OPTIONS);
  checkWords('slice', x);
  return sliceOp([x], sliceRanges(x.shape, options)) as Tensor<D>;
}
