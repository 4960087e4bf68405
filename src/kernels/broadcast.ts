/**
 * @file Binary ops with NumPy's broadcasting, and the expansion of a tensor to a larger shape.
 */

import { check } from '../errors.ts';
import { sameMemory } from '../shape/layout.ts';
import { broadcastShapes, formatShape, sameShape } from '../shape/shape.ts';
import { BINARY, type BinaryOp, elementwisePlan } from './elementwise.ts';
import { defineKernel, type KernelPlan, reads, writes } from './kernel.ts';
import type { Operand } from './padding.ts';
import { planWalk, walkAxes, walkEntry, walkUniforms } from './strided-walk.ts';

const BINARY_TENSORS = ['y', 'a', 'b'] as const;
const EXPAND_TENSORS = ['y', 'x'] as const;

const binary = defineKernel({
  name: 'broadcast',
  buffers: { a: reads('f32'), b: reads('f32'), y: writes('f32') },
  uniforms: walkUniforms(BINARY_TENSORS),
  body: ({ op }: { op: BinaryOp }) => `
fn combine(a: f32, b: f32) -> f32 { return ${BINARY[op]}; }
${walkEntry(BINARY_TENSORS, (element) => `combine(${element('a')}, ${element('b')})`, '0.0')}`,
});

const expand = defineKernel({
  name: 'expand',
  buffers: { x: reads('f32'), y: writes('f32') },
  uniforms: { factor: 'f32', ...walkUniforms(EXPAND_TENSORS) },
  body: () => walkEntry(EXPAND_TENSORS, (element) => `u.factor * ${element('x')}`, '0.0'),
});

/**
 * `y = a ∘ b` of up to four axes; buffers: a, b, y. The layouts may differ; y's padding becomes zero.
 * Throws 'shape-mismatch' unless y has the shape that a and b broadcast to.
 */
export function binaryPlan(op: BinaryOp, a: Operand, b: Operand, y: Operand): KernelPlan {
  const shape = broadcastShapes(a.shape, b.shape);
  check(
    sameShape(shape, y.shape),
    'shape-mismatch',
    () => `${op}: the operands broadcast to ${formatShape(shape)}, the result is ${formatShape(y.shape)}`,
  );
  if (isAlike(a, y) && isAlike(b, y)) return elementwisePlan(op, y);
  const { uniforms, workgroups } = planWalk(op, BINARY_TENSORS, walkAxes(y, [a, b]));
  return binary({ op }, uniforms, workgroups);
}

/**
 * `y = factor · x`, x broadcast to y's shape: the gradient of a sum or, with a factor of 1 / m, of a mean;
 * buffers: x, y. y's padding becomes zero. Throws 'shape-mismatch' unless x broadcasts to y.
 */
export function expandPlan(x: Operand, y: Operand, factor = 1): KernelPlan {
  check(
    sameShape(broadcastShapes(x.shape, y.shape), y.shape),
    'shape-mismatch',
    () => `expand: ${formatShape(x.shape)} does not broadcast to ${formatShape(y.shape)}`,
  );
  const { uniforms, workgroups } = planWalk('expand', EXPAND_TENSORS, walkAxes(y, [x]));
  return expand({}, { factor, ...uniforms } as Readonly<Record<string, number>>, workgroups);
}

/** Whether two tensors have the same elements at the same places. */
function isAlike(a: Operand, b: Operand): boolean {
  return sameShape(a.shape, b.shape) && sameMemory(a.shape, a.layout, b.layout);
}
