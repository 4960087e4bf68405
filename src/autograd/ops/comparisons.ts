/**
 * @file Comparisons of each element, and the choice between two tensors by one.
 */

import { COMPARISONS } from '../../kernels/float-functions.ts';
import { piece } from '../../kernels/wgsl.ts';
import { checkTensor } from '../../tensor/check-tensor.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { type BinaryOp, type BinaryOpDefinition, binaryOp } from '../binary-op.ts';
import { type ElementwiseOpDefinition, elementwiseOp } from '../elementwise-op.ts';

const comparison = <const Name extends string>(name: Name, holds: string) =>
  ({ name, value: `select(vec4f(), vec4f(1.0), ${holds})`, uses: [COMPARISONS] }) as const;

/** The comparisons, by the names of their kernels. */
export const COMPARISON_OPS = {
  equal: comparison('equal', 'isEqual(a, b)'),
  notEqual: comparison('notEqual', '!isEqual(a, b)'),
  greater: comparison('greater', 'isLess(b, a)'),
  greaterEqual: comparison('greaterEqual', 'isLess(b, a) | isEqual(a, b)'),
  less: comparison('less', 'isLess(a, b)'),
  lessEqual: comparison('lessEqual', 'isLess(a, b) | isEqual(a, b)'),
} as const satisfies Record<string, BinaryOpDefinition>;

/**
 * 1 where `a = b`, else 0, of type f32: there is no type of truth values, and a mask of zeros and ones can be multiplied and
 * summed. Operands broadcast, and one may be a number, as with `add`. NaN equals nothing, 0 equals −0. Without gradient.
 */
export const equal: BinaryOp = /* @__PURE__ */ binaryOp(COMPARISON_OPS.equal);

/** 1 where `a ≠ b`, else 0, as {@link equal} has it; 1 where one is NaN. */
export const notEqual: BinaryOp = /* @__PURE__ */ binaryOp(COMPARISON_OPS.notEqual);

/** 1 where `a > b`, else 0, as {@link equal} has it; 0 where one is NaN. */
export const greater: BinaryOp = /* @__PURE__ */ binaryOp(COMPARISON_OPS.greater);

/** 1 where `a ≥ b`, else 0, as {@link equal} has it; 0 where one is NaN. */
export const greaterEqual: BinaryOp = /* @__PURE__ */ binaryOp(COMPARISON_OPS.greaterEqual);

/** 1 where `a < b`, else 0, as {@link equal} has it; 0 where one is NaN. */
export const less: BinaryOp = /* @__PURE__ */ binaryOp(COMPARISON_OPS.less);

/** 1 where `a ≤ b`, else 0, as {@link equal} has it; 0 where one is NaN. */
export const lessEqual: BinaryOp = /* @__PURE__ */ binaryOp(COMPARISON_OPS.lessEqual);

/** Of three operands. */
export const WHERE = {
  name: 'where',
  inputs: ['condition', 'a', 'b'],
  value: 'select(b, a, isTrue(condition))',
  derivatives: {
    a: 'select(vec4f(), dy, isTrue(condition))',
    b: 'select(dy, vec4f(), isTrue(condition))',
  },
  uses: [
    /* @__PURE__ */ piece(`
fn isTrue(condition: vec4f) -> vec4<bool> {
  return (bitcast<vec4u>(condition) & vec4u(0x7fffffffu)) != vec4u();
}`),
  ],
} as const satisfies ElementwiseOpDefinition<string>;

const whereOp = /* @__PURE__ */ elementwiseOp(WHERE);

/**
 * `a` where `condition` is not 0, else `b`: all broadcast by NumPy's rule, and a and b may be numbers. The condition is of type
 * f32, as {@link greater} and its like make it, and gets no gradient; NaN counts as true. What is not chosen passes no gradient, be
 * it infinite or NaN. Throws 'shape-mismatch' where the shapes do not broadcast.
 */
export function where(condition: Tensor, a: Tensor | number, b: Tensor | number): Tensor {
  checkTensor('where', 'condition', condition);
  return whereOp({ condition, a, b }, {});
}
