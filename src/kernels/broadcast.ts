/**
 * @file Binary ops with NumPy's broadcasting, and the expansion of a tensor to a larger shape.
 */

import { check } from '../errors.ts';
import { sameMemory } from '../shape/layout.ts';
import { broadcastShapes, formatShape, sameShape } from '../shape/shape.ts';
import { BINARY, type BinaryOp, elementwisePlan } from './elementwise.ts';
import { type BuffersOf, defineKernel, type KernelPlan, reads, writes } from './kernel.ts';
import type { Operand } from './padding.ts';
import { planWalk, walkAxes, walkEntry, walkUniforms } from './strided-walk.ts';

const BINARY_TENSORS = ['result', 'a', 'b'] as const;
const EXPAND_TENSORS = ['y', 'x'] as const;

const binary = defineKernel({
  name: 'broadcast',
  buffers: { a: reads('f32'), b: reads('f32'), result: writes('f32') },
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
 * `result = a ∘ b` of up to four axes. The layouts may differ; the result's padding becomes zero.
 * Throws 'shape-mismatch' unless it has the shape that a and b broadcast to.
 */
export function binaryPlan(
  op: BinaryOp,
  a: Operand,
  b: Operand,
  result: Operand,
): KernelPlan<BuffersOf<'a' | 'b' | 'result'>> {
  const shape = broadcastShapes(a.shape, b.shape);
  check(
    sameShape(shape, result.shape),
    'shape-mismatch',
    () =>
      `${op}: the operands broadcast to ${formatShape(shape)}, the result is ${formatShape(result.shape)}`,
  );
  if (isAlike(a, result) && isAlike(b, result)) return elementwisePlan(op, result);
  const { uniforms, workgroups } = planWalk(op, BINARY_TENSORS, walkAxes(result, [a, b]));
  return binary({ op }, uniforms, workgroups);
}

/**
 * `y = factor · x`, x broadcast to y's shape: the gradient of a sum or, with a factor of 1 / m, of a mean.
 * y's padding becomes zero. Throws 'shape-mismatch' unless x broadcasts to y.
 */
export function expandPlan(x: Operand, y: Operand, factor = 1): KernelPlan<BuffersOf<'x' | 'y'>> {
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
