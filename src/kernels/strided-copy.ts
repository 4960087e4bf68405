/**
 * @file Copies from view to view: changes of layout, permutations, concatenation, slices and padding are one kernel.
 *
 * Bits are copied, whatever their type. A copy that transposes reads with long strides.
 */

import { check } from '../errors.ts';
import type { Layout } from '../shape/layout.ts';
import { formatShape, type Shape, sameShape } from '../shape/shape.ts';
import { type View, viewOf } from '../shape/view.ts';
import { reads, writes } from './buffers.ts';
import { defineKernel } from './kernel.ts';
import { AXES, joinAxes, planWalk, type WalkAxis, walkEntry, walkUniforms } from './strided-walk.ts';

const TENSORS = ['y', 'x'] as const;
const BUFFERS = { x: reads('u32'), y: writes('u32') };

/** The most axes of a copy that are not one in memory with a neighbour. */
const MOST_AXES = 6;

const copy = /* @__PURE__ */ defineKernel({
  name: 'copy',
  buffers: BUFFERS,
  uniforms: walkUniforms(TENSORS),
  divisible: true,
  body: () => walkEntry(TENSORS, (element) => element('x'), '0u'),
});

/** As `copy`, with more axes: its divisions would slow down the copies that have few. */
const deepCopy = /* @__PURE__ */ defineKernel({
  name: 'copy.deep',
  buffers: BUFFERS,
  uniforms: walkUniforms(TENSORS, MOST_AXES),
  divisible: true,
  body: () => walkEntry(TENSORS, (element) => element('x'), '0u', MOST_AXES),
});

/**
 * Copies the elements of `x` to those of `y`, and zeroes the padding that belongs to y. Throws 'shape-mismatch' where the
 * shapes differ, 'unsupported' where more than 6 axes are left when those that are one in memory are joined.
 */
export function copyPlan(what: string, x: View, y: View) {
  check(
    sameShape(x.shape, y.shape),
    'shape-mismatch',
    () => `${what}: ${formatShape(x.shape)} cannot be copied to ${formatShape(y.shape)}`,
  );
  const axes = copyAxes(x, y);
  const deep = joinAxes(axes).length > AXES;
  const { uniforms, workgroups } = planWalk(what, TENSORS, axes, [y.start, x.start], deep ? MOST_AXES : AXES);
  return (deep ? deepCopy : copy)({}, uniforms, workgroups);
}

/** Copies a tensor of 32-bit elements of any type from layout `from` to layout `to`. */
export function relayoutPlan(shape: Shape, from: Layout, to: Layout) {
  return copyPlan('relayout', viewOf({ shape, layout: from }), viewOf({ shape, layout: to }));
}

/** The axes in the order of y's memory. */
function copyAxes(x: View, y: View): WalkAxis[] {
  const axes = y.shape.map((extent, axis) => ({
    count: y.padded[axis]!,
    extent,
    strides: [y.strides[axis]!, x.strides[axis]!] as const,
  }));
  return axes.sort((a, b) => b.strides[0] - a.strides[0]);
}
