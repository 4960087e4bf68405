/**
 * @file Runs an op forward and backward on arrays.
 */

import { backward } from '../../src/autograd/backward.ts';
import { clearGrad, gradOf, requiresGrad } from '../../src/autograd/graph.ts';
import { toLayout } from '../../src/autograd/ops.ts';
import type { Layout } from '../../src/shape/layout.ts';
import { tensor } from '../../src/tensor/create.ts';
import { scope } from '../../src/tensor/scope.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { type NdArray, randomNormal, xorshift } from '../reference/array.ts';
import { testDevice } from './device.ts';
import { fromMemory } from './operands.ts';

/** An operand: its values, and how they lie. */
export interface OpInput {
  readonly array: NdArray;
  readonly layout?: Layout | undefined;
}

/** The value of an op, a gradient drawn for it, and what becomes of that. */
export interface OpOutcome {
  readonly y: NdArray;
  readonly dy: NdArray;
  readonly gradients: readonly NdArray[];
}

/** The array that lies in a tensor's memory, whose padding must be zero. */
export async function readMemory(x: Tensor): Promise<NdArray> {
  const [bytes] = await x.device.read([x.slice]);
  return fromMemory(new Float32Array(bytes!), x);
}

/** Applies `op` to `inputs`, and takes its gradients of a random one, drawn by `seed`. */
export async function runOp(
  op: (...inputs: Tensor[]) => Tensor,
  inputs: readonly OpInput[],
  seed = 1,
): Promise<OpOutcome> {
  const device = await testDevice();
  const leaves = inputs.map(({ array, layout }) =>
    requiresGrad(tensor(device, Float32Array.from(array.data), array.shape, layout ? { layout } : {})),
  );
  const { y, dy } = scope(device, () => {
    const y = op(...leaves);
    const dy = randomNormal(y.shape, xorshift(seed));
    backward(y, toLayout(tensor(device, Float32Array.from(dy.data), y.shape), y.layout));
    return { y, dy };
  });
  const outcome = {
    y: await readMemory(y),
    dy,
    gradients: await Promise.all(leaves.map((leaf) => readMemory(gradOf(leaf)!))),
  };
  y.dispose();
  for (const leaf of leaves) {
    clearGrad(leaf);
    leaf.dispose();
  }
  return outcome;
}
