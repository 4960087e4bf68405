/**
 * @file Copies of boxes from tensor to tensor: changes of layout, concatenation and slices are one kernel.
 *
 * Bits are copied, whatever their type. Meant for the edges of a program: a transposing copy reads with long
 * strides.
 */

import { check } from '../errors.ts';
import { memoryAxes, memoryStrides } from '../shape/layout.ts';
import { formatShape, normalizeAxis, type Shape, sameShape } from '../shape/shape.ts';
import { type BuffersOf, defineKernel, type KernelPlan, reads, writes } from './kernel.ts';
import type { Operand } from './padding.ts';
import { planWalk, type WalkAxis, walkAxes, walkEntry, walkUniforms } from './strided-walk.ts';

const TENSORS = ['y', 'x'] as const;

const kernel = defineKernel({
  name: 'copy',
  buffers: { x: reads('u32'), y: writes('u32') },
  uniforms: walkUniforms(TENSORS),
  body: () => walkEntry(TENSORS, (element) => element('x'), '0u'),
});

/** Copies a tensor of 32-bit elements of any type from layout `from` to layout `to`. */
export function relayoutPlan(
  shape: Shape,
  from: Operand['layout'],
  to: Operand['layout'],
): KernelPlan<BuffersOf<'x' | 'y'>> {
  const axes = walkAxes({ shape, layout: to }, [{ shape, layout: from }]);
  const { uniforms, workgroups } = planWalk('relayout', TENSORS, axes);
  return kernel({}, uniforms, workgroups);
}

/**
 * Copies `x` into its place in the concatenation `y`, `offset` elements from the beginning of `axis`.
 * The part that ends y along the axis zeroes y's padding beyond it. Run one plan for each part.
 * Throws 'shape-mismatch' where x does not fit there.
 */
export function concatPlan(
  x: Operand,
  y: Operand,
  axis: number,
  offset: number,
): KernelPlan<BuffersOf<'x' | 'y'>> {
  const along = checkPart('concat', x, y, axis, offset);
  const end = offset + x.shape[along]!;
  const memory = memoryAxes(y.shape, y.layout);
  const axes = walkAxes(y, [x]).map((walk, i): WalkAxis => {
    const { axis: logical, extent, padded } = memory[i]!;
    if (logical !== along) return walk;
    return { ...walk, count: (end === extent ? padded : end) - offset, extent: end - offset };
  });
  const start = offset * memoryStrides(y.shape, y.layout)[along]!;
  const { uniforms, workgroups } = planWalk('concat', TENSORS, axes, [start, 0]);
  return kernel({}, uniforms, workgroups);
}

/**
 * Copies out of `x` the part `y` that begins `offset` elements from the beginning of `axis`: the gradient of
 * {@link concatPlan}. Throws 'shape-mismatch' where y is no part of x.
 */
export function slicePlan(
  x: Operand,
  y: Operand,
  axis: number,
  offset: number,
): KernelPlan<BuffersOf<'x' | 'y'>> {
  const along = checkPart('slice', y, x, axis, offset);
  const start = offset * memoryStrides(x.shape, x.layout)[along]!;
  const { uniforms, workgroups } = planWalk('slice', TENSORS, walkAxes(y, [x]), [0, start]);
  return kernel({}, uniforms, workgroups);
}

/** Checks that `part` lies in `whole` at `offset` along `axis`; returns the axis counted from the front. */
function checkPart(what: string, part: Operand, whole: Operand, axis: number, offset: number): number {
  const along = normalizeAxis(axis, whole.shape.length);
  const extent = part.shape[along] ?? 0;
  check(
    sameShape(part.shape.with(along, 0), whole.shape.with(along, 0)) &&
      offset >= 0 &&
      offset + extent <= whole.shape[along]!,
    'shape-mismatch',
    () =>
      `${what}: the part ${formatShape(part.shape)} at ${offset} along axis ${along} does not fit into ` +
      `${formatShape(whole.shape)}: all other extents must be equal`,
  );
  return along;
}
