/**
 * @file Ops that move elements and change none: layout, reshape, concatenation.
 */

import { checkArgument } from '../../arguments.ts';
import { check } from '../../errors.ts';
import { concatPlan, relayoutPlan, slicePlan } from '../../kernels/strided-copy.ts';
import { checkLayout, defaultLayout, LAYOUT, type Layout, sameMemory } from '../../shape/layout.ts';
import { checkShape, formatShape, normalizeAxis, type Shape, sizeOf } from '../../shape/shape.ts';
import { checkTensor, checkTensors } from '../../tensor/check-tensor.ts';
import { empty } from '../../tensor/create.ts';
import { run } from '../../tensor/run.ts';
import type { AnyTensor, Tensor } from '../../tensor/tensor.ts';
import type { DType } from '../../tensor/values.ts';
import { defineOp } from '../define-op.ts';
import { isRecording, nodeOf } from '../graph.ts';

/** Throws 'dtype-mismatch' for bytes, which the kernels that move elements do not take. */
function checkWords(op: string, { dtype }: AnyTensor): void {
  check(
    dtype !== 'u8',
    'dtype-mismatch',
    () => `${op} takes elements of 32 bits, got ${dtype}: normalizeImages() makes numbers of bytes`,
  );
}

/** `x` in another layout; the same memory where that is possible. */
function relayout<D extends DType>(x: Tensor<D>, layout: Layout): Tensor<D> {
  const { device, shape, dtype } = x;
  if (sameMemory(shape, x.layout, layout)) return x.alias({ layout });
  checkWords(`a change of layout from ${x.layout} to ${layout}`, x);
  const y = empty(device, shape, { layout, dtype });
  run(relayoutPlan(shape, x.layout, layout), { x, y });
  return y;
}

const toLayoutOp = defineOp<Layout, { layout: Layout }, readonly AnyTensor[], AnyTensor>({
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

const reshapeOp = defineOp<Shape, { shape: Shape; layout: Layout }, readonly AnyTensor[], AnyTensor>({
  name: 'reshape',
  forward: ([x], shape) => ({
    output: reshaped(x!, shape, defaultLayout(shape)),
    saved: { shape: x!.shape, layout: x!.layout },
  }),
  backward: (dy, { saved }) => [reshaped(dy, saved.shape, saved.layout)],
});

const concatOp = defineOp<
  { axis: number; shape: Shape },
  { parts: readonly Pick<Tensor, 'shape' | 'layout'>[] },
  readonly AnyTensor[],
  AnyTensor
>({
  name: 'concat',
  forward: (tensors, { axis, shape }) => {
    const { device, layout, dtype } = tensors[0]!;
    const y = empty(device, shape, { layout, dtype });
    let offset = 0;
    for (const x of tensors) {
      run(concatPlan(x, y, axis, offset), { x, y });
      offset += x.shape[axis]!;
    }
    return { output: y, saved: { parts: tensors.map(({ shape, layout }) => ({ shape, layout })) } };
  },
  backward: (dy, { saved: { parts }, needs }, { axis }) => {
    let offset = 0;
    return parts.map(({ shape, layout }, i) => {
      const begin = offset;
      offset += shape[axis]!;
      if (!needs[i]) return undefined;
      const dx = empty(dy.device, shape, { layout });
      run(slicePlan(dy, dx, axis, begin), { x: dy, y: dx });
      return dx;
    });
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

/** The elements of `x` in row-major order under another shape. Throws 'shape-mismatch' where the sizes differ. */
export function reshape<D extends DType>(x: Tensor<D>, shape: Shape): Tensor<D> {
  checkTensor('reshape', 'x', x);
  checkShape(shape);
  check(
    sizeOf(shape) === x.size,
    'shape-mismatch',
    () =>
      `reshape: ${formatShape(x.shape)} has ${x.size} elements, ${formatShape(shape)} has ${sizeOf(shape)}: they must be equal`,
  );
  return reshapeOp([x], shape) as Tensor<D>;
}

/** The tensors one after the other along `axis`. Throws 'shape-mismatch' where they differ along another axis. */
export function concat<D extends DType>(tensors: readonly Tensor<D>[], axis = 0): Tensor<D> {
  checkTensors('concat', tensors);
  const [first] = tensors;
  check(first !== undefined, 'invalid-argument', () => 'concat takes at least one tensor, got none');
  checkWords('concat', first);
  const along = normalizeAxis(axis, first.shape.length);
  for (const { shape, dtype } of tensors) {
    check(
      shape.length === first.shape.length && shape.every((n, i) => i === along || n === first.shape[i]),
      'shape-mismatch',
      () =>
        `concat along axis ${along}: ${formatShape(first.shape)} and ${formatShape(shape)} must agree along all other axes`,
    );
    check(
      dtype === first.dtype,
      'dtype-mismatch',
      () => `concat: a tensor is ${dtype}, the first is ${first.dtype}`,
    );
  }
  const shape = first.shape.map((n, i) =>
    i === along ? tensors.reduce((sum, t) => sum + t.shape[i]!, 0) : n,
  );
  return concatOp(tensors, { axis: along, shape }) as Tensor<D>;
}
