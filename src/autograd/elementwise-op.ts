/**
 * @file Ops that treat elements one by one, declared by expressions in WGSL: the value, and the derivative with respect to
 * each operand. `unaryOp` and `binaryOp` are its public forms.
 */

import { check } from '../errors.ts';
import { defineElementwise, type ElementwisePlans } from '../kernels/elementwise.ts';
import { sumSequence } from '../kernels/reduce.ts';
import type { Piece } from '../kernels/wgsl.ts';
import { defaultLayout } from '../shape/layout.ts';
import { broadcastShapes, sameShape } from '../shape/shape.ts';
import { checkTensor } from '../tensor/check-tensor.ts';
import { empty } from '../tensor/create.ts';
import { runElementwise, runSequence } from '../tensor/run.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { defineOp } from './define-op.ts';
import { checkFloat } from './ops/operands.ts';

/** What {@link elementwiseOp} needs to know. */
export interface ElementwiseOpDefinition<Input extends string, Parameter extends string = never> {
  readonly name: string;
  readonly inputs: readonly Input[];
  /** y, an expression of the inputs and parameters, each a `vec4f`. */
  readonly value: string;
  /**
   * For each input dy/d(input), an expression of the inputs, of `y` and of parameters. One that names `dy`, the gradient
   * with respect to y, is the gradient with respect to the input itself. An input without one gets no gradient.
   */
  readonly derivatives: { readonly [Name in Input]?: string | undefined };
  readonly parameters?: readonly Parameter[] | undefined;
  readonly functions?: string | undefined;
  readonly uses?: readonly Piece[] | undefined;
}

/** An op on tensors, and numbers in their place. */
export type ElementwiseOp<Input extends string, Parameter extends string> = (
  operands: Readonly<Record<Input, Tensor | number>>,
  parameters: Readonly<Record<Parameter, number>>,
) => Tensor;

/** What an op is called with. */
interface Call {
  readonly operands: Operands;
  readonly parameters: Readonly<Record<string, number>>;
  /** The inputs that are tensors and have a derivative, in the order of the op's inputs. */
  readonly differentiable: readonly string[];
}

type Operands = Readonly<Record<string, Tensor | number>>;
type Described = Pick<Tensor, 'shape' | 'layout'>;

/** The op of a definition. Kernels are called `name.forward` and `name.backward.input`. */
export function elementwiseOp<const Input extends string, const Parameter extends string = never>(
  definition: ElementwiseOpDefinition<Input, Parameter>,
): ElementwiseOp<Input, Parameter> {
  const { name, inputs } = definition;
  const { forward, gradients } = elementwiseKernels(definition);
  const evaluate = ({ operands, parameters }: Pick<Call, 'operands' | 'parameters'>): Tensor => {
    const y = emptyResult(inputs.map((input) => operands[input]!));
    runElementwise(forward, y, operands, parameters);
    return y;
  };
  const op = defineOp<Call, Saved>({
    name,
    forward: (_, call) => {
      const y = evaluate(call);
      return { output: y, saved: savedFor(call, gradients, y) };
    },
    backward: (dy, { saved, needs }, { differentiable, parameters }) =>
      differentiable.map((input, i) =>
        needs[i] ? gradientOf(dy, gradients[input]!, saved.shapes[i]!, saved, parameters) : undefined,
      ),
  });
  return (operands, parameters) => {
    checkOperands(name, inputs, operands);
    const isTensor = (input: Input) => typeof operands[input] !== 'number';
    const differentiable = inputs.filter((input) => isTensor(input) && gradients[input]);
    if (differentiable.length === 0) return evaluate({ operands, parameters });
    const tensors = differentiable.map((input) => operands[input] as Tensor);
    return op(tensors, { operands, parameters, differentiable });
  };
}

/** What backward computes for one input. */
interface Gradient {
  /** Nothing where the gradient is dy itself. */
  readonly makePlan: ElementwisePlans<string, string> | undefined;
  /** The inputs, and y, that it is made of beside dy. */
  readonly sources: readonly string[];
}

/** The plans of an op's kernels. */
export function elementwiseKernels<Input extends string, Parameter extends string>({
  name,
  inputs,
  value,
  derivatives,
  parameters,
  functions,
  uses,
}: ElementwiseOpDefinition<Input, Parameter>) {
  const gradients: Record<string, Gradient> = {};
  for (const input of inputs) {
    const derivative = derivatives[input];
    if (derivative === undefined) continue;
    const sources = [...inputs, 'y'].filter((operand) => names(derivative, operand));
    const makePlan = defineElementwise<string, string>({
      name: inputs.length > 1 ? `${name}.backward.${input}` : `${name}.backward`,
      inputs: ['dy', ...sources],
      parameters,
      value: names(derivative, 'dy') ? derivative : `dy * (${derivative})`,
      functions,
      uses,
    });
    gradients[input] = { makePlan: derivative === '1.0' ? undefined : makePlan, sources };
  }
  const forward = defineElementwise<string, string>({
    name: `${name}.forward`,
    inputs,
    parameters,
    value,
    functions,
    uses,
  });
  return { forward, gradients };
}

/** What backward needs: the shapes of what it is to give, and tensors and numbers by their names in expressions. */
interface Saved extends Readonly<Record<string, unknown>> {
  readonly shapes: readonly Described[];
}

function savedFor(
  { operands, differentiable }: Call,
  gradients: Readonly<Record<string, Gradient>>,
  y: Tensor,
): Saved {
  const saved: Record<string, unknown> = {};
  for (const input of differentiable)
    for (const source of gradients[input]!.sources) saved[source] = source === 'y' ? y : operands[source];
  const shapes = differentiable.map((input) => {
    const { shape, layout } = operands[input] as Tensor;
    return { shape, layout };
  });
  return { ...saved, shapes };
}

/** The gradient with respect to an input of shape and layout `target`. */
function gradientOf(
  dy: Tensor,
  { makePlan, sources }: Gradient,
  target: Described,
  saved: Saved,
  parameters: Readonly<Record<string, number>>,
): Tensor {
  if (!makePlan) return sumTo(dy, target);
  // What is the same for all elements is multiplied after the sum.
  const isConstant = sources.length === 0;
  const summed = isConstant ? sumTo(dy, target) : dy;
  const at = sameShape(target.shape, dy.shape) ? target : summed;
  const dx = empty(dy.device, at.shape, { layout: at.layout });
  const operands: Record<string, Tensor | number> = { dy: summed };
  for (const source of sources) operands[source] = saved[source] as Tensor | number;
  runElementwise(makePlan, dx, operands, parameters);
  if (summed !== dy) summed.dispose();
  const gradient = sumTo(dx, target);
  if (gradient !== dx) dx.dispose();
  return gradient;
}

/** The sum of a gradient over the axes along which an operand was broadcast; the gradient itself where there are none. */
function sumTo(gradient: Tensor, { shape, layout }: Described): Tensor {
  if (sameShape(gradient.shape, shape) && gradient.layout === layout) return gradient;
  const sum = empty(gradient.device, shape, { layout });
  runSequence(sumSequence(gradient, sum), { x: gradient, y: sum });
  return sum;
}

/** A tensor that the operands broadcast to, in the layout of the first that has its shape. */
function emptyResult(operands: readonly (Tensor | number)[]): Tensor {
  const tensors = operands.filter((operand) => typeof operand !== 'number');
  const { device } = tensors[0]!;
  const shape = tensors.map((tensor) => tensor.shape).reduce(broadcastShapes);
  const like = tensors.find((tensor) => sameShape(tensor.shape, shape));
  return empty(device, shape, { layout: like?.layout ?? defaultLayout(shape) });
}

function checkOperands(name: string, inputs: readonly string[], operands: Operands): void {
  const tensors: Tensor[] = [];
  for (const input of inputs) {
    const operand = operands[input]!;
    if (typeof operand === 'number') continue;
    checkTensor(name, input, operand);
    tensors.push(operand);
  }
  check(
    tensors.length > 0,
    'invalid-argument',
    () => `${name} was given numbers only: one of ${inputs.join(' and ')} must be a Tensor`,
  );
  checkFloat(name, ...tensors);
}

/** Whether an expression names a variable. */
const names = (expression: string, variable: string): boolean =>
  new RegExp(`(?<![\\w.])${variable}\\b`).test(expression);
