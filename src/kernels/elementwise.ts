/**
 * @file Ops that treat each element alike and for itself: one table from op to WGSL expression.
 *
 * All tensors of a dispatch lie in memory alike, so the kernel runs over flat vec4s and knows no shape. Padding
 * is zero before and must be zero after: ops with f(0) ≠ 0 mask it where there is any. NaN propagates.
 */

import { CHANNEL_BLOCK, memorySize } from '../shape/layout.ts';
import { ceilDivide, checkIndexable } from '../shape/shape.ts';
import { IS_NAN, IS_NEGATIVE } from './float-bits.ts';
import { threadEntry, threadGrid } from './grid.ts';
import { type Buffers, type BuffersOf, defineKernel, type KernelPlan, reads, writes } from './kernel.ts';
import { hasPadding, IS_ELEMENT, type Operand, PADDING_UNIFORMS, paddingUniforms } from './padding.ts';

/** Ops of two operands; the expressions hold for scalars and vectors. */
export const BINARY = { add: 'a + b', subtract: 'a - b', multiply: 'a * b' } as const;

/** A name of {@link BINARY}. */
export type BinaryOp = keyof typeof BINARY;

/** An op: its inputs, and the result as an expression in them (and in `result` as it was before). */
interface Definition {
  readonly inputs: readonly string[];
  readonly value: string;
  /** Whether f(0, 0, …) may differ from 0. */
  readonly writesPadding?: boolean;
  /** The type of a vec4, `vec4f` by default; `vec4u` keeps the bits of any type. */
  readonly element?: string;
}

const OPS = {
  copy: { inputs: ['x'], value: 'x', element: 'vec4u' },
  /** `shift` everywhere. */
  fill: { inputs: [], value: 'vec4f(u.shift)', writesPadding: true },
  negate: { inputs: ['x'], value: '-x' },
  /** `scale · x + shift`. */
  affine: { inputs: ['x'], value: 'u.scale * x + vec4f(u.shift)', writesPadding: true },
  relu: { inputs: ['x'], value: 'select(x, vec4f(), isNegative(x))' },
  sigmoid: { inputs: ['x'], value: 'sigmoid(x)', writesPadding: true },
  add: { inputs: ['a', 'b'], value: BINARY.add },
  subtract: { inputs: ['a', 'b'], value: BINARY.subtract },
  multiply: { inputs: ['a', 'b'], value: BINARY.multiply },
  /** `result += x`. */
  accumulate: { inputs: ['x'], value: 'result[i] + x' },
  /** `dy` where `y > 0` or y is NaN; y may be ReLU's input or its output. */
  reluBackward: {
    inputs: ['y', 'dy'],
    value: 'select(dy, vec4f(), isNegative(y) | (bitcast<vec4u>(y) == vec4u()))',
  },
  /** `dy · y · (1 − y)`, y being sigmoid's output. */
  sigmoidBackward: { inputs: ['y', 'dy'], value: 'dy * y * (vec4f(1.0) - y)' },
} as const satisfies Record<string, Definition>;

/** The elementwise ops; see the table for each one's inputs. */
export type ElementwiseOp = keyof typeof OPS;

/**
 * WGSL: 1 / (1 + e^−x), written so that no exponential overflows, with the tests it takes. NaN is handed through,
 * since not every driver's `exp` does (SwiftShader's does not).
 */
export const SIGMOID = `
${IS_NAN}
${IS_NEGATIVE}
fn sigmoid(x: vec4f) -> vec4f {
  let e = exp(-abs(x));
  return select(select(vec4f(1.0), e, isNegative(x)) / (vec4f(1.0) + e), x, isNan(x));
}`;

/** The buffers of an op: its inputs, and `result`. */
export type ElementwiseBuffers<Op extends ElementwiseOp> = BuffersOf<
  (typeof OPS)[Op]['inputs'][number] | 'result'
>;

const kernel = defineKernel({
  name: 'elementwise',
  buffers: ({ op }: { op: ElementwiseOp; padded: boolean }): Buffers => {
    const { inputs, element = 'vec4f' }: Definition = OPS[op];
    const sources = inputs.map((name) => [name, reads(element)]);
    return Object.fromEntries([...sources, ['result', writes(element)]]);
  },
  uniforms: { size: 'u32', scale: 'f32', shift: 'f32', ...PADDING_UNIFORMS },
  body: ({ op, padded }) => {
    const { inputs, value }: Definition = OPS[op];
    return `
${SIGMOID}
${padded ? IS_ELEMENT : ''}
${threadEntry(`
  let i = thread;
  if (i >= u.size) { return; }
  ${inputs.map((name) => `let ${name} = ${name}[i];`).join('\n  ')}
  result[i] = ${padded ? `select(vec4f(), ${value}, isElement(i))` : value};`)}`;
  },
});

/**
 * One elementwise op. All tensors have the shape and layout of `operand`.
 * `scale` (1 by default) and `shift` (0 by default) are the scalars of `affine` and `fill`.
 */
export function elementwisePlan<Op extends ElementwiseOp>(
  op: Op,
  operand: Operand,
  { scale = 1, shift = 0 }: { readonly scale?: number; readonly shift?: number } = {},
): KernelPlan<ElementwiseBuffers<Op>> {
  const elements = memorySize(operand.shape, operand.layout);
  checkIndexable(elements, `elementwise ${op}`);
  const size = ceilDivide(elements, CHANNEL_BLOCK);
  const { writesPadding = false }: Definition = OPS[op];
  return kernel(
    { op, padded: writesPadding && hasPadding(operand) },
    { size, scale, shift, ...paddingUniforms(operand) },
    threadGrid(size),
  ) as KernelPlan<ElementwiseBuffers<Op>>;
}
