/**
 * @file Runs every op, forward and backward, on the tensors of its cases.
 */

import { backward } from '../autograd/backward.ts';
import { clearGrad, gradOf, noGrad, requiresGrad } from '../autograd/graph.ts';
import { toLayout } from '../autograd/ops.ts';
import type { Device } from '../device/device.ts';
import { sizeOf } from '../shape/shape.ts';
import { tensor } from '../tensor/create.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type AnyOpCase, type CaseInput, nameOf, type OpCase } from './cases/case.ts';
import { fnv1a, hashedUniform, hashedValues } from './hashed-values.ts';
import type { Results } from './measure.ts';
import { OP_RUNS, type OpName } from './op-runs.ts';

const LABELS = [0, 1, -100, 1];

/** The values of input `i` of a case, exact in f32. */
export function valuesOf(found: AnyOpCase, i: number): Float32Array<ArrayBuffer> {
  const { shape, values } = found.inputs[i]!;
  const name = `${nameOf(found)}, input ${i}`;
  const count = sizeOf(shape);
  if (values === 'positive') return hashedValues(name, count, 1, 1.5);
  if (!values) return hashedValues(name, count, 2);
  const seed = fnv1a(name);
  const among = values === 'label' ? LABELS : [-2, -1, 0, 1, 2];
  return Float32Array.from(
    { length: count },
    (_, k) => among[Math.floor(hashedUniform(k, seed) * among.length)]!,
  );
}

/** The gradient that backward begins with, for a value of so many elements. */
export function gradientOf(found: AnyOpCase, count: number): Float32Array<ArrayBuffer> {
  return hashedValues(`${nameOf(found)}, gradient`, count, 2);
}

/** Whether gradients are asked for an input. */
export const isLeafInput = ({ role }: CaseInput): boolean => role === undefined;

/** The value `y` of a case, the gradient `d0`, `d1`, … of each input that has one, and each `state0`, … that the op wrote. */
export function runOpCase(device: Device, found: AnyOpCase): Results {
  const inputs = found.inputs.map(({ shape, layout }, i) =>
    tensor(device, valuesOf(found, i), shape, layout ? { layout } : {}),
  );
  const leaves = inputs.filter((_, i) => isLeafInput(found.inputs[i]!));
  for (const leaf of leaves) requiresGrad(leaf);
  const y = callOp(device, found, inputs);
  if (leaves.length > 0) {
    const dy = tensor(device, gradientOf(found, y.size), y.shape);
    backward(
      y,
      noGrad(device, () => toLayout(dy, y.layout)),
    );
  }
  const results: Record<string, Tensor> = { y };
  inputs.forEach((input, i) => {
    const { role } = found.inputs[i]!;
    if (role === 'state') results[`state${i}`] = input;
    if (role !== undefined) return;
    const gradient = gradOf(input);
    // A handle of its own: the leaf's goes with the leaf.
    if (gradient) results[`d${i}`] = gradient.alias();
    clearGrad(input);
  });
  return results;
}

/** The op of a case on its tensors. */
export function callOp<Name extends OpName>(
  device: Device,
  { op, options }: OpCase<Name>,
  inputs: readonly Tensor[],
): Tensor {
  return OP_RUNS[op](inputs, options, device);
}
