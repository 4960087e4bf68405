/**
 * @file Ops of one tensor that treat its elements one by one, declared by two expressions in WGSL.
 */

import { checkOptions, listOf, NUMBER, type OptionRules, required, STRING } from '../arguments.ts';
import { PIECES, type Piece } from '../kernels/wgsl.ts';
import { checkTensor } from '../tensor/check-tensor.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { elementwiseOp } from './elementwise-op.ts';

/** What {@link unaryOp} needs to know. */
export interface UnaryOpDefinition<Parameter extends string = never> {
  /** As in messages and profiles; no other op's or kernel's. */
  readonly name: string;
  /** y, an expression in WGSL of `x`, a `vec4f` of four elements: `'x / (1.0 + exp(-x))'`. */
  readonly value: string;
  /**
   * dy/dx, an expression in WGSL of `x`, of `y`, or of both: `'1.0 - y * y'`. Only what it names is kept for backward. One
   * that names `dy`, the gradient with respect to y, is the gradient with respect to x itself:
   * `'select(vec4f(), dy, x > vec4f())'`, where a product with 0 would make NaN of an infinite dy.
   */
  readonly derivative: string;
  /** The names of numbers that each call gives, in expressions `vec4f`s, none by default. Other numbers need no other kernel. */
  readonly parameters?: readonly Parameter[];
  /** WGSL functions that the expressions call, none by default; on `vec4f`, as the expressions are. */
  readonly functions?: string;
  /** Pieces of WGSL that functions and expressions use, see {@link piece}; none by default. */
  readonly uses?: readonly Piece[];
}

/** The second argument of an op that has parameters. */
export type UnaryOpParameters<Parameter extends string> = [Parameter] extends [never]
  ? []
  : [parameters: Readonly<Record<Parameter, number>>];

const DEFINITION: OptionRules<UnaryOpDefinition<string>> = {
  name: required(STRING),
  value: required(STRING),
  derivative: required(STRING),
  parameters: listOf(STRING, 'an array of names'),
  functions: STRING,
  uses: PIECES,
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
 *
 * With `parameters` the op takes them as a second argument: `celu(x, { alpha: 0.5 })`.
 */
export function unaryOp<const Parameter extends string = never>(
  definition: UnaryOpDefinition<Parameter>,
): (x: Tensor, ...parameters: UnaryOpParameters<NoInfer<Parameter>>) => Tensor {
  checkOptions('unaryOp', definition, DEFINITION);
  const { name, derivative, parameters = [], ...rest } = definition;
  const rules = Object.fromEntries(parameters.map((parameter) => [parameter, required(NUMBER)]));
  const op = elementwiseOp({ ...rest, name, parameters, inputs: ['x'], derivatives: { x: derivative } });
  return (x, given?: Readonly<Record<Parameter, number>>) => {
    checkTensor(name, 'x', x);
    if (parameters.length > 0) checkOptions(name, given as object, rules);
    return op({ x }, given ?? ({} as Record<Parameter, number>));
  };
}
