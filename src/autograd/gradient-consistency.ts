/**
 * @file Checks that the gradients of a function do not depend on what else is in the graph.
 *
 * Finite differences see an op alone: each input used once, in one backward pass. What goes wrong when gradients meet
 * (memory that two inputs share, a sum that starts from another's) shows only in larger graphs, where the gradients must
 * be those of the function alone, added up.
 */

import { sameShape } from '../shape/shape.ts';
import { readTensors, tensor } from '../tensor/create.ts';
import { scope } from '../tensor/scope.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { backward } from './backward.ts';
import { clearGrad, gradOf, nodeOf, requiresGrad } from './graph.ts';
import { add, multiply } from './ops/elementwise.ts';
import { sum } from './ops/reduce.ts';

/** A function of tensors, made of ops. */
export type TensorFunction = (...inputs: Tensor[]) => Tensor;

/** Gradients that should be equal, by the graph that gave the first. */
export interface Comparison {
  /** Such as `input 1 in a graph that uses every input again`. */
  readonly what: string;
  readonly actual: Float32Array;
  readonly expected: Float32Array;
}

/** The gradients that `work` gives to `leaves`, zeros where none; gradients that they had are cleared, before and after. */
export async function collectGradients(leaves: readonly Tensor[], work: () => void): Promise<Float32Array[]> {
  for (const leaf of leaves) clearGrad(requiresGrad(leaf));
  scope(leaves[0]!.device, work);
  const gradients = leaves.map(gradOf);
  const read = await readTensors(gradients.filter((gradient) => gradient !== undefined));
  const values = gradients.map((gradient, i) =>
    gradient ? (read.shift() as Float32Array) : new Float32Array(leaves[i]!.size),
  );
  for (const leaf of leaves) clearGrad(leaf);
  return values;
}

/**
 * What to compare for `fn` of `inputs`, whose gradients are `gradients` when backward starts at `direction`: each input as
 * the only one that wants a gradient, all inputs used again in the same graph, further backward passes, and one tensor
 * given for two inputs of one shape and layout.
 */
export async function compareGraphs(
  fn: TensorFunction,
  inputs: readonly Tensor[],
  direction: Float32Array,
  gradients: readonly Float32Array[],
): Promise<Comparison[]> {
  const graphs = new Graphs(fn, direction);
  return [
    ...(await graphs.alone(inputs, gradients)),
    ...(await graphs.usedAgain(inputs, gradients)),
    ...(await graphs.repeated(inputs, gradients)),
    ...(await graphs.givenTwice(inputs)),
  ];
}

class Graphs {
  readonly #fn: TensorFunction;
  readonly #direction: Float32Array;

  constructor(fn: TensorFunction, direction: Float32Array) {
    this.#fn = fn;
    this.#direction = direction;
  }

  async alone(inputs: readonly Tensor[], gradients: readonly Float32Array[]): Promise<Comparison[]> {
    const comparisons: Comparison[] = [];
    for (const [i, input] of inputs.entries()) {
      const [actual] = await collectGradients([input], () => {
        this.#backward(constants(inputs).with(i, input));
      });
      const what = `input ${i} as the only one that wants a gradient`;
      comparisons.push({ what, actual: actual!, expected: gradients[i]! });
    }
    return comparisons;
  }

  /** `Σ direction · fn + Σ inputs + Σ direction · fn`: twice the gradient, plus 1. */
  async usedAgain(inputs: readonly Tensor[], gradients: readonly Float32Array[]): Promise<Comparison[]> {
    const actual = await collectGradients(inputs, () => {
      const terms = [this.#projected(inputs), ...inputs.map((input) => sum(input)), this.#projected(inputs)];
      backward(terms.reduce((total, term) => add(total, term)));
    });
    return actual.map((gradient, i) => ({
      what: `input ${i} in a graph that uses every input again`,
      actual: gradient,
      expected: gradients[i]!.map((g) => 2 * g + 1),
    }));
  }

  async repeated(inputs: readonly Tensor[], gradients: readonly Float32Array[]): Promise<Comparison[]> {
    const actual = await collectGradients(inputs, () => {
      for (let pass = 0; pass < 3; pass++) this.#backward(inputs);
    });
    return actual.map((gradient, i) => ({
      what: `input ${i} after three backward passes`,
      actual: gradient,
      expected: gradients[i]!.map((g) => 3 * g),
    }));
  }

  /** One tensor for two inputs gets the sum of what two tensors of equal values get. */
  async givenTwice(inputs: readonly Tensor[]): Promise<Comparison[]> {
    const comparisons: Comparison[] = [];
    for (const [i, first] of inputs.entries()) {
      const j = inputs.findIndex(
        (other, j) => j > i && sameShape(other.shape, first.shape) && other.layout === first.layout,
      );
      if (j < 0) continue;
      const second = first.alias();
      const [one, other] = await collectGradients([first, second], () => {
        this.#backward(constants(inputs).with(i, first).with(j, second));
      });
      second.dispose();
      const [actual] = await collectGradients([first], () => {
        this.#backward(constants(inputs).with(i, first).with(j, first));
      });
      const expected = one!.map((g, element) => g + other![element]!);
      comparisons.push({ what: `one tensor given for inputs ${i} and ${j}`, actual: actual!, expected });
    }
    return comparisons;
  }

  #backward(inputs: readonly Tensor[]): void {
    const output = this.#fn(...inputs);
    if (nodeOf(output)) backward(output, this.#seed(output));
  }

  #projected(inputs: readonly Tensor[]): Tensor {
    const output = this.#fn(...inputs);
    return sum(multiply(output, this.#seed(output)));
  }

  #seed({ device, shape, layout }: Tensor): Tensor {
    return tensor(device, this.#direction, shape, { layout });
  }
}

/** Handles that want no gradient. */
const constants = (inputs: readonly Tensor[]): Tensor[] => inputs.map((input) => input.alias());
