/**
 * @file Ops that join tensors: along an axis that they have, or along a new one.
 */

import { check } from '../../errors.ts';
import { copyPlan } from '../../kernels/strided-copy.ts';
import { defaultLayout, type Layout } from '../../shape/layout.ts';
import { checkShape, formatShape, normalizeAxis, type Shape, sameShape } from '../../shape/shape.ts';
import { insertAxis, sliceView, type View, viewOf } from '../../shape/view.ts';
import { checkTensors } from '../../tensor/check-tensor.ts';
import { empty } from '../../tensor/create.ts';
import { run } from '../../tensor/run.ts';
import type { AnyTensor, Tensor } from '../../tensor/tensor.ts';
import type { DType } from '../../tensor/values.ts';
import { defineOp } from '../define-op.ts';
import { checkWords } from './shape.ts';

interface JoinAttributes {
  readonly axis: number;
  /** Of the result. */
  readonly shape: Shape;
  readonly layout: Layout;
}

/** An op that puts what `partOf` sees of its inputs one after the other along an axis. */
function joinOp(name: string, partOf: (x: View, axis: number) => View) {
  /** The places in `whole` of parts of the given extents. */
  const placesIn = (whole: View, axis: number, extents: readonly number[]) => {
    let end = 0;
    return extents.map((extent) => {
      const start = end;
      end += extent;
      return sliceView(whole, axis, { start, end, step: 1 });
    });
  };
  return defineOp<
    JoinAttributes,
    { parts: readonly Pick<Tensor, 'shape' | 'layout'>[] },
    readonly AnyTensor[],
    AnyTensor
  >({
    name,
    forward: (tensors, { axis, shape, layout }) => {
      const { device, dtype } = tensors[0]!;
      const y = empty(device, shape, { layout, dtype });
      const parts = tensors.map((x) => partOf(viewOf(x), axis));
      const extents = parts.map((part) => part.shape[axis]!);
      placesIn(viewOf(y), axis, extents).forEach((place, i) => {
        run(copyPlan(name, parts[i]!, place), { x: tensors[i]!, y });
      });
      return { output: y, saved: { parts: tensors.map(({ shape, layout }) => ({ shape, layout })) } };
    },
    backward: (dy, { saved, needs }, { axis }) => {
      const parts = saved.parts.map((part) => partOf(viewOf(part), axis));
      const extents = parts.map((part) => part.shape[axis]!);
      return placesIn(viewOf(dy), axis, extents).map((place, i) => {
        if (!needs[i]) return undefined;
        const { shape, layout } = saved.parts[i]!;
        const dx = empty(dy.device, shape, { layout });
        run(copyPlan(name, place, parts[i]!), { x: dy, y: dx });
        return dx;
      });
    },
  });
}

const concatOp = /* @__PURE__ */ joinOp('concat', (x) => x);
const stackOp = /* @__PURE__ */ joinOp('stack', insertAxis);

/** The first of some tensors to be joined. Throws 'invalid-argument' where there is none, 'dtype-mismatch' where types differ. */
function firstOf<D extends DType>(op: string, tensors: readonly Tensor<D>[]): Tensor<D> {
  checkTensors(op, tensors);
  const [first] = tensors;
  check(first !== undefined, 'invalid-argument', () => `${op} takes at least one tensor, got none`);
  checkWords(op, first);
  for (const { dtype } of tensors)
    check(
      dtype === first.dtype,
      'dtype-mismatch',
      () => `${op}: a tensor is ${dtype}, the first is ${first.dtype}`,
    );
  return first;
}

/**
 * The tensors one after the other along `axis`, in the layout of the first. Throws 'shape-mismatch' where they differ along
 * another axis, 'dtype-mismatch' where their types differ.
 */
export function concat<D extends DType>(tensors: readonly Tensor<D>[], axis = 0): Tensor<D> {
  const first = firstOf('concat', tensors);
  const along = normalizeAxis(axis, first.shape.length);
  for (const { shape } of tensors)
    check(
      shape.length === first.shape.length && shape.every((n, i) => i === along || n === first.shape[i]),
      'shape-mismatch',
      () =>
        `concat along axis ${along}: ${formatShape(first.shape)} and ${formatShape(shape)} must agree along all other axes`,
    );
  const extent = tensors.reduce((sum, { shape }) => sum + shape[along]!, 0);
  const shape = first.shape.with(along, extent);
  return concatOp(tensors, { axis: along, shape, layout: first.layout }) as Tensor<D>;
}

/**
 * The tensors, all of one shape, along a new axis: `axis` of the result, 0 by default; a negative one counts from the end of the
 * result's. Two tensors `[3, 4]` become `[2, 3, 4]`, or `[3, 4, 2]` for axis −1. Throws 'shape-mismatch' where their shapes
 * differ, 'dtype-mismatch' where their types do.
 */
export function stack<D extends DType>(tensors: readonly Tensor<D>[], axis = 0): Tensor<D> {
  const first = firstOf('stack', tensors);
  const along = normalizeAxis(axis, first.shape.length + 1);
  for (const { shape } of tensors)
    check(
      sameShape(shape, first.shape),
      'shape-mismatch',
      () => `stack: ${formatShape(first.shape)} and ${formatShape(shape)} must be equal`,
    );
  const shape = first.shape.toSpliced(along, 0, tensors.length);
  checkShape(shape);
  return stackOp(tensors, { axis: along, shape, layout: defaultLayout(shape) }) as Tensor<D>;
}
