/**
 * @file An op: forward and backward declared together.
 */

import {
  checkArgument,
  checkOptions,
  FUNCTION,
  isObject,
  type OptionRules,
  type Rule,
  required,
  STRING,
} from '../arguments.ts';
import { check } from '../errors.ts';
import { checkOneDevice, checkTensor, checkTensors } from '../tensor/check-tensor.ts';
import { keepForGraph } from '../tensor/scope.ts';
import { type AnyTensor, Tensor } from '../tensor/tensor.ts';
import { type BackwardContext, isRecording, nodeOf, type SavedTensor, setNode } from './graph.ts';

/** What an op needs to say of itself. */
export interface OpDefinition<
  Attributes,
  Saved extends Readonly<Record<string, unknown>>,
  Inputs extends readonly AnyTensor[] = readonly Tensor[],
  Output extends AnyTensor = Tensor,
> {
  /** As in messages: `conv2d`. */
  readonly name: string;
  /** Runs the op; `recording` tells whether there will be a backward at all. */
  forward(
    inputs: Inputs,
    attributes: Attributes,
    recording: boolean,
  ): {
    /** The result. */
    readonly output: Output;
    /** What backward will need; tensors among it are kept alive by the graph. */
    readonly saved: Saved;
  };
  /**
   * The gradients of the inputs that need one, in the shape and layout of the input. `gradient`, that of the output, is
   * read-only. A result may be `gradient` itself, a saved tensor, or the same tensor for several inputs: nobody writes
   * into it; one that is none of these is disposed when it was read. `context.into` offers memory to write them to.
   */
  backward(
    gradient: Tensor,
    context: BackwardContext<Saved>,
    attributes: Attributes,
  ): readonly (Tensor | undefined)[];
}

/** Applies an op to its inputs: tensors of type f32 in whatever number, unless `Inputs` says more. */
export type Op<
  Attributes,
  Inputs extends readonly AnyTensor[] = readonly Tensor[],
  Output extends AnyTensor = Tensor,
> = (inputs: Inputs, attributes: Attributes) => Output;

const DEFINITION: OptionRules<OpDefinition<never, never>> = {
  name: required(STRING),
  forward: required(FUNCTION),
  backward: required(FUNCTION),
};

const COMPUTED: Rule = { holds: isObject, words: 'an object { output, saved }' };

/** Makes an op of its definition. */
export function defineOp<
  Attributes,
  Saved extends Readonly<Record<string, unknown>>,
  Inputs extends readonly AnyTensor[] = readonly Tensor[],
  Output extends AnyTensor = Tensor,
>(definition: OpDefinition<Attributes, Saved, Inputs, Output>): Op<Attributes, Inputs, Output> {
  checkOptions('defineOp', definition, DEFINITION);
  const { name } = definition;
  return (inputs, attributes) => {
    checkTensors(name, inputs);
    check(
      inputs.length > 0,
      'invalid-argument',
      () => `${name} was given no tensor: an op has at least one input`,
    );
    checkOneDevice(name, inputs);
    const { device } = inputs[0]!;
    const nodes = inputs.map(nodeOf);
    const recording = isRecording(device) && nodes.some((node) => node !== undefined);
    const result = definition.forward(inputs, attributes, recording);
    if (!isObject(result)) checkArgument(`what forward of ${name} gives`, result, COMPUTED);
    const { output: computed, saved } = result;
    checkTensor(name, 'the output', computed);
    // A node belongs to one tensor: an op that gives back its input gives another handle on it.
    const output = inputs.includes(computed) ? (computed.alias() as Output) : computed;
    if (!recording) return output;
    const { kept, tensors } = keepSaved(saved);
    setNode(output, {
      name,
      inputs: nodes,
      operands: inputs.map(({ shape, layout }) => ({ shape, layout })),
      backward: (gradient, context) => definition.backward(gradient, { ...context, saved: kept }, attributes),
      saved: tensors,
      released: false,
    });
    return output;
  };
}

/** `saved` with handles of the graph's own instead of its tensors, and a list of those. */
function keepSaved<Saved extends Readonly<Record<string, unknown>>>(saved: Saved) {
  const kept: Record<string, unknown> = { ...saved };
  const tensors: SavedTensor[] = [];
  for (const name in kept) {
    const value = kept[name];
    if (!(value instanceof Tensor)) continue;
    const tensor = value.alias();
    keepForGraph(tensor);
    kept[name] = tensor;
    tensors.push({ tensor, version: tensor.version });
  }
  return { kept: kept as Saved, tensors };
}
