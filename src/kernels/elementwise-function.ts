/**
 * @file Functions of tensors of one shape and layout, element by element: kernels made of an expression in WGSL.
 */

import { CHANNEL_BLOCK, memorySize } from '../shape/layout.ts';
import { ceilDivide, checkIndexable } from '../shape/shape.ts';
import { threadEntry, threadGrid } from './grid.ts';
import { type BuffersOf, defineKernel, type KernelPlan, reads, writes } from './kernel.ts';
import { hasPadding, IS_ELEMENT, type Operand, PADDING_UNIFORMS, paddingUniforms } from './padding.ts';

/** What a kernel computes of each element. */
export interface ElementwiseFunction<Input extends string> {
  /** The kernel's name. */
  readonly name: string;
  /** What the operands are called in {@link value}; not `result`. */
  readonly inputs: readonly Input[];
  /** The result, an expression in WGSL in which every operand is a `vec4f` of four elements. */
  readonly value: string;
  /** WGSL functions that {@link value} calls. */
  readonly functions?: string | undefined;
}

/** Makes the plans of a function of operands that lie in memory as `operand` does; the result's padding becomes zero. */
export function defineElementwiseFunction<Input extends string>({
  name,
  inputs,
  value,
  functions = '',
}: ElementwiseFunction<Input>): (operand: Operand) => KernelPlan<BuffersOf<Input | 'result'>> {
  const buffers = {
    ...Object.fromEntries(inputs.map((input) => [input, reads('vec4f')])),
    result: writes('vec4f'),
  };
  const kernel = defineKernel({
    name,
    buffers: buffers as BuffersOf<Input | 'result'>,
    uniforms: { size: 'u32', ...PADDING_UNIFORMS },
    writesPadding: true,
    body: ({ padded }: { readonly padded: boolean }) => `
${functions}
${padded ? IS_ELEMENT : ''}
${threadEntry(`
  if (thread >= u.size) { return; }
  ${inputs.map((input) => `let ${input} = ${input}[thread];`).join('\n  ')}
  let value: vec4f = ${value};
  result[thread] = ${padded ? 'select(vec4f(), value, isElement(thread))' : 'value'};`)}`,
  });
  return (operand) => {
    const elements = memorySize(operand.shape, operand.layout);
    checkIndexable(elements, name);
    const size = ceilDivide(elements, CHANNEL_BLOCK);
    return kernel({ padded: hasPadding(operand) }, { size, ...paddingUniforms(operand) }, threadGrid(size));
  };
}
