/**
 * @file Ops of two operands that treat elements one by one, with broadcasting, declared by expressions in WGSL.
 */

import { checkOptions, OBJECT, type OptionRules, required, STRING } from '../arguments.ts';
import { PIECES, type Piece } from '../kernels/wgsl.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { elementwiseOp } from './elementwise-op.ts';

/** What {@link binaryOp} needs to know. */
export interface BinaryOpDefinition {
  /** As in messages and profiles; no other op's or kernel's. */
  readonly name: string;
  /** y, an expression in WGSL of `a` and `b`, each a `vec4f` of four elements: `'sqrt(a * a + b * b)'`. */
  readonly value: string;
  /**
   * Expressions in WGSL of `a`, `b` and `y`: `{ a: 'a / y', b: 'b / y' }`. Only what they name is kept for
   * backward, and `'1.0'` costs nothing. One that names `dy`, the gradient with respect to y, is the operand's gradient
   * itself: `'select(vec4f(), dy, a > b)'`. An operand without one gets no gradient; by default none does.
   */
  readonly derivatives?: {
    /** dy/da, or the gradient with respect to a. */
    readonly a?: string;
    /** dy/db, or the gradient with respect to b. */
    readonly b?: string;
  };
  /** WGSL functions that the expressions call, none by default; on `vec4f`, as the expressions are. */
  readonly functions?: string;
  /** Pieces of WGSL that functions and expressions use, see {@link piece}; none by default. */
  readonly uses?: readonly Piece[];
}

const DEFINITION: OptionRules<BinaryOpDefinition> = {
  name: required(STRING),
  value: required(STRING),
  derivatives: OBJECT,
  functions: STRING,
  uses: PIECES,
};

const DERIVATIVES: OptionRules<NonNullable<BinaryOpDefinition['derivatives']>> = { a: STRING, b: STRING };

/** An op of two tensors of f32 that broadcast by NumPy's rule, or of a tensor and a number. */
export type BinaryOp = (a: Tensor | number, b: Tensor | number) => Tensor;

/**
 * Declares an op `y = f(a, b)` on the elements of two tensors of f32 that broadcast by NumPy's rule, in any layouts, or of a
 * tensor and a number; of more than four axes only where the shapes are equal. The gradients, `da = dy · ∂f/∂a` and
 * `db = dy · ∂f/∂b`, are summed over the axes along which an operand was broadcast. The result has the layout of the first
 * operand that has its shape. Two ops of one name must be the same, as with `unaryOp`.
 *
 *     const hypotenuse = binaryOp({
 *       name: 'hypotenuse',
 *       value: 'sqrt(a * a + b * b)',
 *       derivatives: { a: 'a / y', b: 'b / y' },
 *     });
 *
 * The op throws 'shape-mismatch' where the operands do not broadcast, 'dtype-mismatch' unless they are of type f32,
 * 'invalid-argument' where both are numbers.
 */
export function binaryOp(definition: BinaryOpDefinition): BinaryOp {
  checkOptions('binaryOp', definition, DEFINITION);
  const { derivatives = {}, ...rest } = definition;
  checkOptions('derivatives of binaryOp', derivatives, DERIVATIVES);
  const op = elementwiseOp({ ...rest, inputs: ['a', 'b'], derivatives });
  return (a, b) => op({ a, b }, {});
}
