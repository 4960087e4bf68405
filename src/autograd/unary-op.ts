/**
 * @file Ops of one tensor that treat its elements one by one, declared by two expressions in WGSL.
 */

import { checkOptions, type OptionRules, required, STRING } from '../arguments.ts';
import { defineElementwiseFunction } from '../kernels/elementwise-function.ts';
import { checkTensor } from '../tensor/check-tensor.ts';
import { empty } from '../tensor/create.ts';
import { runElementwisePlan } from '../tensor/run.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { defineOp } from './define-op.ts';
import { checkFloat } from './ops/operands.ts';

/** What {@link unaryOp} needs to know. */
export interface UnaryOpDefinition {
  /** As in messages and profiles; no other op's or kernel's. */
  readonly name: string;
  /** y, an expression in WGSL of `x`, a `vec4f` of four elements: `'x / (1.0 + exp(-x))'`. */
  readonly value: string;
  /** dy/dx, an expression in WGSL of `x`, of `y`, or of both: `'1.0 - y * y'`. Only what it names is kept for backward. */
  readonly derivative: string;
  /** WGSL functions that the expressions call, none by default; on `vec4f`, as the expressions are. */
  readonly functions?: string;
}

const DEFINITION: OptionRules<UnaryOpDefinition> = {
  name: required(STRING),
  value: required(STRING),
  derivative: required(STRING),
  functions: STRING,
};

/**
 * Declares an op `y = f(x)` on each element of a tensor of f32, of any shape and layout, with its gradient
 * `dx = dy · f′(x)`. Two ops of one name must be the same: running the second throws 'invalid-argument'. What does not
 * compile is told by the next read, by the name of the op and the line.
 *
 *     const silu = unaryOp({
 *       name: 'silu',
 *       value: 'x / (1.0 + exp(-x))',
 *       derivative: 's(x) * (1.0 + x * (1.0 - s(x)))',
 *       functions: 'fn s(x: vec4f) -> vec4f { return 1.0 / (1.0 + exp(-x)); }',
 *     });
 */
export function unaryOp(definition: UnaryOpDefinition): (x: Tensor) => Tensor {
  checkOptions('unaryOp', definition, DEFINITION);
  const { name } = definition;
  const { forward, backward, needs } = unaryKernels(definition);
  const op = defineOp<
    void,
    { x: Tensor | undefined; y: Tensor | undefined; like: Pick<Tensor, 'shape' | 'layout'> }
  >({
    name,
    forward: ([x]) => {
      const y = empty(x!.device, x!.shape, { layout: x!.layout });
      runElementwisePlan(forward, { x: x!, result: y });
      const { shape, layout } = y;
      return {
        output: y,
        saved: { x: needs.x ? x : undefined, y: needs.y ? y : undefined, like: { shape, layout } },
      };
    },
    backward: (dy, { saved: { x, y, like } }) => {
      const dx = empty(dy.device, like.shape, { layout: like.layout });
      runElementwisePlan(backward, { dy, x: x as Tensor, y: y as Tensor, result: dx });
      return [dx];
    },
  });
  return (x) => {
    checkTensor(name, 'x', x);
    checkFloat(name, x);
    return op([x]);
  };
}

/** The plans of an op's kernels, and which of x and y that of backward takes. */
export function unaryKernels({ name, value, derivative, functions }: UnaryOpDefinition) {
  const needs = { x: names(derivative, 'x'), y: names(derivative, 'y') };
  const forward = defineElementwiseFunction({ name: `${name}.forward`, inputs: ['x'], value, functions });
  const backward = defineElementwiseFunction({
    name: `${name}.backward`,
    inputs: ['dy', ...(needs.x ? (['x'] as const) : []), ...(needs.y ? (['y'] as const) : [])],
    value: `dy * (${derivative})`,
    functions,
  });
  return { forward, backward, needs };
}

/** Whether an expression names a variable. */
const names = (expression: string, variable: string): boolean =>
  new RegExp(`(?<![\\w.])${variable}\\b`).test(expression);
