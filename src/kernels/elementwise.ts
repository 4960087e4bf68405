/**
 * @file Functions of tensors, element by element: kernels that are declared by an expression in WGSL.
 *
 * An expression sees four elements of each operand at once, as a vec4f. Where all tensors lie in memory alike, the kernel
 * runs over flat vec4s and knows no shape; else it walks over the result and gathers four elements of each operand, which
 * broadcast by NumPy's rule. The result's padding becomes zero.
 */

import { check } from '../errors.ts';
import { CHANNEL_BLOCK, memorySize, sameMemory } from '../shape/layout.ts';
import { broadcastShapes, ceilDivide, checkIndexable, formatShape, sameShape } from '../shape/shape.ts';
import { type BuffersOf, reads, writes } from './buffers.ts';
import { threadEntry, threadGrid } from './grid.ts';
import { defineKernel } from './kernel.ts';
import { hasPadding, IS_ELEMENT, type Operand, PADDING_UNIFORMS, paddingUniforms } from './padding.ts';
import type { KernelPlan } from './plan.ts';
import { AXES, planWalk, walkAxes, walkEntry, walkUniforms } from './strided-walk.ts';
import { type Piece, piece } from './wgsl.ts';

/** What a kernel computes of each element. */
export interface ElementwiseFunction<Input extends string, Parameter extends string = never> {
  /** The kernel's name. */
  readonly name: string;
  /** What the operands are called in {@link value}; not `result`. */
  readonly inputs: readonly Input[];
  /** What the numbers are called that each call gives; in {@link value} each is a `vec4f`. */
  readonly parameters?: readonly Parameter[] | undefined;
  /** The result, an expression in WGSL. */
  readonly value: string;
  /** WGSL functions that {@link value} calls. */
  readonly functions?: string | undefined;
  /** Pieces of WGSL that the functions and {@link value} use. */
  readonly uses?: readonly Piece[] | undefined;
}

/**
 * Makes the plans of a function: operands of up to four axes that broadcast to the result, in any layouts, or numbers in
 * their place. A number is a uniform: another one needs no other pipeline.
 */
export type ElementwisePlans<Input extends string, Parameter extends string = never> = (
  result: Operand,
  operands: Readonly<Record<Input, Operand | number>>,
  parameters: Readonly<Record<Parameter, number>>,
) => KernelPlan<BuffersOf<'result', Input>>;

/** The kernels of a function of elements. Plans throw 'shape-mismatch' where an operand does not broadcast to the result. */
export function defineElementwise<const Input extends string, const Parameter extends string = never>(
  definition: ElementwiseFunction<Input, Parameter>,
): ElementwisePlans<Input, Parameter> {
  const { name, inputs, parameters: parameterNames = [] } = definition;
  const flat = flatKernel<Input>(definition);
  const walk = walkKernel<Input>(definition);
  const tensors = ['result', ...inputs];
  return (result, operands, parameters) => {
    const given: Record<string, number> = {};
    const sources: Operand[] = [];
    let numbers = '';
    let alike = true;
    for (const input of inputs) {
      const operand = operands[input];
      const isNumber = typeof operand === 'number';
      given[numberName(input)] = isNumber ? operand : 0;
      sources.push(isNumber ? SCALAR : operand);
      if (isNumber) numbers += ` ${input}`;
      else alike &&= isAlike(operand, result);
    }
    for (const parameter of parameterNames) given[numberName(parameter)] = parameters[parameter];
    if (alike) {
      const elements = memorySize(result.shape, result.layout);
      checkIndexable(elements, name);
      const size = ceilDivide(elements, CHANNEL_BLOCK);
      const variant = { padded: hasPadding(result), numbers };
      return flat(variant, Object.assign({ size }, paddingUniforms(result), given), threadGrid(size));
    }
    for (const source of sources) checkBroadcasts(name, source, result);
    const { uniforms, workgroups } = planWalk(name, tensors, walkAxes(result, sources));
    return walk({ numbers }, Object.assign({}, uniforms, given), workgroups);
  };
}

/** The kernel for tensors that lie in memory alike. */
function flatKernel<Input extends string>(definition: ElementwiseFunction<Input, string>) {
  return defineKernel({
    name: definition.name,
    buffers: ({ numbers }: NumbersVariant & { readonly padded: boolean }) =>
      buffersOf(definition.inputs, numbers, 'vec4f'),
    uniforms: { size: 'u32', ...PADDING_UNIFORMS, ...numberUniforms(definition) },
    writesPadding: true,
    divisible: true,
    uses: ({ padded }) => [...(padded ? [IS_ELEMENT] : []), valueFunction(definition)],
    body: ({ padded, numbers }) =>
      threadEntry(`
  if (thread >= u.size) { return; }
  let value = ${valueCall(definition, numbers, (input) => `${input}[thread]`)};
  result[thread] = ${padded ? 'select(vec4f(), value, isElement(thread))' : 'value'};`),
  });
}

/**
 * The kernel for tensors that broadcast, or lie in memory differently. What it gathers from beyond an operand's end is
 * something, by WebGPU's rule, and not written anywhere.
 */
function walkKernel<Input extends string>(definition: ElementwiseFunction<Input, string>) {
  const tensors = ['result', ...definition.inputs];
  return defineKernel({
    name: `${definition.name}.broadcast`,
    buffers: ({ numbers }: NumbersVariant) => buffersOf(definition.inputs, numbers, 'f32'),
    uniforms: { ...walkUniforms(tensors), ...numberUniforms(definition) },
    writesPadding: true,
    divisible: true,
    uses: [valueFunction(definition)],
    body: ({ numbers }) =>
      walkEntry(
        tensors.filter((tensor) => !isNumberIn(numbers, tensor)),
        (_, component) => `values[${component}]`,
        '0.0',
        AXES,
        (gather) => `let values = ${valueCall(definition, numbers, gather)};`,
      ),
  });
}

/** Which operands are numbers: their names, a blank before each. */
interface NumbersVariant {
  readonly numbers: string;
}

const isNumberIn = (numbers: string, name: string): boolean => numbers.split(' ').includes(name);

function buffersOf<Input extends string>(inputs: readonly Input[], numbers: string, element: string) {
  const tensors = inputs.filter((input) => !isNumberIn(numbers, input));
  return {
    ...Object.fromEntries(tensors.map((input) => [input, reads(element)])),
    result: writes(element),
  } as BuffersOf<'result', Input>;
}

/** The uniform of a number. */
const numberName = (name: string): string => `${name}Number`;

/** The uniforms of all numbers that a call may give. */
function numberUniforms({ inputs, parameters = [] }: ElementwiseFunction<string, string>) {
  return Object.fromEntries([...inputs, ...parameters].map((name) => [numberName(name), 'f32'])) as Readonly<
    Record<string, 'f32'>
  >;
}

/** WGSL: the function of four elements, with a scope of its own: an expression meets no other names than its own. */
function valueFunction({
  inputs,
  parameters = [],
  value,
  functions = '',
  uses = [],
}: ElementwiseFunction<string, string>): Piece {
  const numbers = parameters.map((name) => `let ${name} = vec4f(u.${numberName(name)});`);
  const code = `${functions}
fn valueOf(${inputs.map((input) => `${input}: vec4f`).join(', ')}) -> vec4f {
  ${numbers.join('\n  ')}
  return ${value};
}`;
  return piece(code, uses);
}

/** WGSL: the call of it, on the operands that `read` gives and on numbers. */
function valueCall(
  { inputs }: ElementwiseFunction<string, string>,
  numbers: string,
  read: (input: string) => string,
): string {
  const operands = inputs.map((input) =>
    isNumberIn(numbers, input) ? `vec4f(u.${numberName(input)})` : read(input),
  );
  return `valueOf(${operands.join(', ')})`;
}

/** What stands for a number in a walk. */
const SCALAR: Operand = { shape: [1], layout: 'row-major' };

/** `a + b`. */
export const addPlan: ElementwisePlans<'a' | 'b'> = /* @__PURE__ */ defineElementwise({
  name: 'add.forward',
  inputs: ['a', 'b'],
  value: 'a + b',
});

/** `factor · x`, x broadcast to the result: the gradient of a sum or, with a factor of 1 / m, of a mean. */
export const expandPlan: ElementwisePlans<'x', 'factor'> = /* @__PURE__ */ defineElementwise({
  name: 'expand',
  inputs: ['x'],
  parameters: ['factor'],
  value: 'factor * x',
});

/** `scalar` everywhere. */
export const fillPlan: ElementwisePlans<never, 'scalar'> = /* @__PURE__ */ defineElementwise({
  name: 'fill',
  inputs: [],
  parameters: ['scalar'],
  value: 'scalar',
});

/** Whether two tensors have the same elements at the same places. */
function isAlike(a: Operand, b: Operand): boolean {
  return a === b || (sameShape(a.shape, b.shape) && sameMemory(a.shape, a.layout, b.layout));
}

function checkBroadcasts(name: string, { shape }: Operand, result: Operand): void {
  check(
    sameShape(broadcastShapes(shape, result.shape), result.shape),
    'shape-mismatch',
    () => `${name}: ${formatShape(shape)} does not broadcast to the result ${formatShape(result.shape)}`,
  );
}
