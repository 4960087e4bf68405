/**
 * @file The gradients of reductions whose elements do not all have the same one. `dy` and what is `known` of each result are
 * broadcast to x.
 */

import { type BuffersOf, reads, writes } from './buffers.ts';
import { IS_NAN_SCALAR } from './float-bits.ts';
import { defineKernel } from './kernel.ts';
import type { Operand } from './padding.ts';
import type { KernelPlan } from './plan.ts';
import { planWalk, walkAxes, walkEntry, walkUniforms } from './strided-walk.ts';

/** The gradient with respect to an element x. */
const GRADIENTS = {
  /** Of a maximum or minimum, `known`, that as many elements have as `ties` says: each gets the same share. NaN goes to all. */
  extreme: 'select(select(0.0, dy / ties, x == known), known, isNanScalar(known))',
  /** Of `factor · Σ (x − known)² / 2`, `known` being the mean. */
  variance: 'u.factor * dy * (x - known)',
  /** Of `known = log Σ eˣ`: NaN where both are infinite alike, or `known` is NaN. */
  logSumExp: 'dy * select(exp(x - known), x - known, isNanScalar(x - known))',
} as const;

/** A gradient of a reduction. */
export type ReduceGradient = keyof typeof GRADIENTS;

const ALWAYS = ['dx', 'x', 'dy', 'known'] as const;

const tensorsOf = (gradient: ReduceGradient): readonly string[] =>
  gradient === 'extreme' ? [...ALWAYS, 'ties'] : ALWAYS;

const kernel = defineKernel({
  name: 'reduce.backward',
  buffers: ({ gradient }: { readonly gradient: ReduceGradient }) => ({
    x: reads('f32'),
    dy: reads('f32'),
    known: reads('f32'),
    ...(gradient === 'extreme' && { ties: reads('f32') }),
    dx: writes('f32'),
  }),
  uniforms: { factor: 'f32', ...walkUniforms([...ALWAYS, 'ties']) },
  writesPadding: true,
  divisible: true,
  uses: [IS_NAN_SCALAR],
  body: ({ gradient }) => {
    const [, ...sources] = tensorsOf(gradient);
    return `
fn slope(${sources.map((name) => `${name}: f32`).join(', ')}) -> f32 { return ${GRADIENTS[gradient]}; }
${walkEntry(tensorsOf(gradient), (element) => `slope(${sources.map(element).join(', ')})`, '0.0')}`;
  },
});

/** `dx`, which lies as x does; `dy`, `known` and `ties` lie as `y`. dx's padding becomes zero. */
export function reduceBackwardPlan(
  gradient: ReduceGradient,
  x: Operand,
  y: Operand,
  factor = 1,
): KernelPlan<BuffersOf<(typeof ALWAYS)[number], 'ties'>> {
  const tensors = [...ALWAYS, 'ties'];
  const { uniforms, workgroups } = planWalk('reduce.backward', tensors, walkAxes(x, [x, y, y, y]));
  return kernel({ gradient }, { factor, ...uniforms } as Readonly<Record<string, number>>, workgroups);
}
