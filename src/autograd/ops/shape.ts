/**
 * @file Ops that rearrange all elements of a tensor and change none: layout, reshape, permutation.
 */

import { ARRAY, checkArgument } from '../../arguments.ts';
import { counted } from '../../counted.ts';
import { check } from '../../errors.ts';
import { copyPlan } from '../../kernels/strided-copy.ts';
import { checkLayout, defaultLayout, LAYOUT, type Layout, memorySize } from '../../shape/layout.ts';
import { checkShape, formatShape, normalizeAxis, type Shape, sizeOf } from '../../shape/shape.ts';
import { layoutOfView, permuteView, sameView, type View, viewOf } from '../../shape/view.ts';
import { checkTensor } from '../../tensor/check-tensor.ts';
import { empty } from '../../tensor/create.ts';
import { run } from '../../tensor/run.ts';
import type { AnyTensor, Tensor } from '../../tensor/tensor.ts';
import type { DType } from '../../tensor/values.ts';
import { defineOp } from '../define-op.ts';
import { isRecording, nodeOf } from '../graph.ts';

/** Throws 'dtype-mismatch' for bytes, which the kernels that move elements do not take. */
export function checkWords(op: string, { dtype }: AnyTensor): void {
  check(
    dtype !== 'u8',
    'dtype-mismatch',
    () => `${op} takes elements of 32 bits, got ${dtype}: normalizeImages() makes numbers of bytes`,
  );
}

/** The elements that `view` sees in the memory of `x`, all of them, in `layout`; the same memory where that is possible. */
function rearranged<D extends DType>(what: string, x: Tensor<D>, view: View, layout: Layout): Tensor<D> {
  const { device, dtype } = x;
  const { shape } = view;
  const target = viewOf({ shape, layout });
  if (sameView(view, target) && memorySize(shape, layout) === memorySize(x.shape, x.layout))
    return x.alias({ shape, layout });
  checkWords(what, x);
  const y = empty(device, shape, { layout, dtype });
  run(copyPlan(what, view, target), { x, y });
  return y;
}

/** `x` in another layout; the same memory where that is possible. */
function relayout<D extends DType>(x: Tensor<D>, layout: Layout): Tensor<D> {
  return rearranged(`a change of layout from ${x.layout} to ${layout}`, x, viewOf(x), layout);
}

const toLayoutOp = /* @__PURE__ */ defineOp<Layout, { layout: Layout }, readonly AnyTensor[], AnyTensor>({
  name: 'toLayout',
  forward: ([x], layout) => ({ output: relayout(x!, layout), saved: { layout: x!.layout } }),
  backward: (dy, { saved }) => [relayout(dy, saved.layout)],
});

/** The elements of `x` in logical order under another shape, by way of row-major memory. */
function reshaped<D extends DType>(x: Tensor<D>, shape: Shape, layout: Layout): Tensor<D> {
  const rows = relayout(x, 'row-major');
  const renamed = rows.alias({ shape });
  const y = relayout(renamed, layout);
  rows.dispose();
  if (y !== renamed) renamed.dispose();
  return y;
}

const reshapeOp = /* @__PURE__ */ defineOp<
  { shape: Shape; layout: Layout },
  { shape: Shape; layout: Layout },
  readonly AnyTensor[],
  AnyTensor
>({
  name: 'reshape',
  forward: ([x], { shape, layout }) => ({
    output: reshaped(x!, shape, layout),
    saved: { shape: x!.shape, layout: x!.layout },
  }),
  backward: (dy, { saved }) => [reshaped(dy, saved.shape, saved.layout)],
});

const permuteOp = /* @__PURE__ */ defineOp<
  readonly number[],
  { layout: Layout },
  readonly AnyTensor[],
  AnyTensor
>({
  name: 'permute',
  forward: ([x], axes) => {
    const view = permuteView(viewOf(x!), axes);
    return { output: rearranged('permute', x!, view, layoutOfView(view)), saved: { layout: x!.layout } };
  },
  backward: (dy, { saved }, axes) => {
    const back = axes.map((_, axis) => axes.indexOf(axis));
    return [rearranged('permute', dy, permuteView(viewOf(dy), back), saved.layout)];
  },
});

/**
 * `x` in the given layout in memory; its meaning stays. `x` itself where it has it already, but within `noGrad` never a
 * tensor that has a gradient.
 */
export function toLayout<D extends DType>(x: Tensor<D>, layout: Layout): Tensor<D> {
  checkTensor('toLayout', 'x', x);
  if (x.layout === layout && (isRecording(x.device) || nodeOf(x) === undefined)) return x;
  checkArgument('the layout', layout, LAYOUT);
  checkLayout(x.shape, layout);
  return toLayoutOp([x], layout) as Tensor<D>;
}

/**
 * The elements of `x` in row-major order under another shape. One extent may be −1: it is what the others leave, so that
 * `reshape(x, [8, -1])` has eight rows. Throws 'shape-mismatch' where the sizes differ.
 */
export function reshape<D extends DType>(x: Tensor<D>, shape: Shape): Tensor<D> {
  checkTensor('reshape', 'x', x);
  const full = Array.isArray(shape) ? completed(shape, x.size) : shape;
  checkShape(full);
  check(
    sizeOf(full) === x.size,
    'shape-mismatch',
    () =>
      `reshape: ${formatShape(x.shape)} has ${counted(x.size, 'element')}, ${formatShape(full)} has ${sizeOf(full)}: they must be equal`,
  );
  return reshapeIn(x, full, defaultLayout(full));
}

/** `shape` with what the others leave of `size` in place of a −1, where there is one and that is a whole number. */
function completed(shape: Shape, size: number): Shape {
  const others = shape.filter((extent) => extent !== -1);
  if (others.length !== shape.length - 1) return shape;
  checkShape(others);
  const left = size / sizeOf(others);
  check(
    Number.isInteger(left),
    'shape-mismatch',
    () =>
      `reshape: ${counted(size, 'element')} cannot have the shape ${formatShape(shape)}: ${sizeOf(others)} does not divide them`,
  );
  return shape.map((extent) => (extent === -1 ? left : extent));
}

/** {@link reshape} of a tensor whose size fits, with a result in this layout. */
export function reshapeIn<D extends DType>(x: Tensor<D>, shape: Shape, layout: Layout): Tensor<D> {
  return reshapeOp([x], { shape, layout }) as Tensor<D>;
}

/**
 * `x` with all axes from `startAxis` on as one: `[N, C, H, W]` to `[N, C · H · W]`, or with `startAxis` 0 to a vector. A negative
 * axis counts from the end. Throws 'invalid-argument' where x has no such axis.
 */
export function flatten<D extends DType>(x: Tensor<D>, startAxis = 1): Tensor<D> {
  checkTensor('flatten', 'x', x);
  const kept = x.shape.slice(0, normalizeAxis(startAxis, x.shape.length));
  return reshape(x, [...kept, x.size / sizeOf(kept)]);
}

/**
 * `x` with its axes in another order: axis `i` of the result is axis `axes[i]` of `x`. Negative axes count from the end.
 *
 * Nothing is copied where one of the layouts says the new order of the old memory: `permute(x, [0, 2, 3, 1])` of a map
 * `[N, C, H, W]`, channels-last, is the same memory, row-major, if C is a multiple of 4; so is the way back. Throws
 * 'invalid-argument' unless `axes` names each axis once.
 */
export function permute<D extends DType>(x: Tensor<D>, axes: readonly number[]): Tensor<D> {
  checkTensor('permute', 'x', x);
  checkArgument('axes of permute', axes, ARRAY);
  const rank = x.shape.length;
  const order = Array.from(axes, (axis) => normalizeAxis(axis, rank));
  check(
    order.length === rank && new Set(order).size === rank,
    'invalid-argument',
    () => `permute: the axes ${formatShape(axes)} of a tensor of rank ${rank} must name each axis once`,
  );
  return permuteOp([x], order) as Tensor<D>;
}
