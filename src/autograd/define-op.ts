/**
 * @file An op: forward and backward declared together.
 */

import { check } from '../errors.ts';
import { keepForGraph } from '../tensor/scope.ts';
import { Tensor } from '../tensor/tensor.ts';
import { type BackwardContext, isRecording, nodeOf, setNode } from './graph.ts';

/** What an op needs to say of itself. */
export interface OpDefinition<Attributes, Saved extends Readonly<Record<string, unknown>>> {
  /** As in messages: `conv2d`. */
  readonly name: string;
  /**
   * Computes the output, and says what backward will need. Tensors among `saved` are kept alive by the graph.
   * `recording` tells whether there will be a backward at all.
   */
  forward(
    inputs: readonly Tensor[],
    attributes: Attributes,
    recording: boolean,
  ): { readonly output: Tensor; readonly saved: Saved };
  /**
   * The gradients of the inputs that need one, in the shape and layout of the input. `context.into` offers memory
   * to write them to.
   */
  backward(
    gradient: Tensor,
    context: BackwardContext<Saved>,
    attributes: Attributes,
  ): readonly (Tensor | undefined)[];
}

/** Applies an op to its inputs. */
export type Op<Attributes> = (inputs: readonly Tensor[], attributes: Attributes) => Tensor;

/** Makes an op of its definition. */
export function defineOp<Attributes, Saved extends Readonly<Record<string, unknown>>>(
  definition: OpDefinition<Attributes, Saved>,
): Op<Attributes> {
  const { name } = definition;
  return (inputs, attributes) => {
    const device = inputs[0]!.device;
    check(
      inputs.every((input) => input.device === device),
      'invalid-argument',
      () => `${name}: its inputs lie on different devices`,
    );
    const nodes = inputs.map(nodeOf);
    const recording = isRecording(device) && nodes.some((node) => node !== undefined);
    const { output, saved } = definition.forward(inputs, attributes, recording);
    if (!recording) return output;
    const kept = keepSaved(saved);
    setNode(output, {
      name,
      inputs: nodes,
      operands: inputs.map(({ shape, layout }) => ({ shape, layout })),
      backward: (gradient, context) => definition.backward(gradient, { ...context, saved: kept }, attributes),
      release: () => {
        for (const value of Object.values(kept)) if (value instanceof Tensor) value.dispose();
      },
    });
    return output;
  };
}

/** `saved` with handles of the graph's own instead of its tensors. */
function keepSaved<Saved extends Readonly<Record<string, unknown>>>(saved: Saved): Saved {
  const kept: Record<string, unknown> = { ...saved };
  for (const name in kept) {
    const value = kept[name];
    if (!(value instanceof Tensor)) continue;
    const handle = value.alias();
    keepForGraph(handle);
    kept[name] = handle;
  }
  return kept as Saved;
}
