/**
 * @file A state dict of PyTorch's hashed from the names of its tensors: scripts/interop/hashed.py has the same rule.
 */

import type { Module } from '../../src/nn/module.ts';
import type { StateDict } from '../../src/nn/state-dict.ts';
import { toTorch } from '../../src/nn/torch.ts';
import { hashedValues } from '../../src/verify/hashed-values.ts';

/** Values for all that `model` has, by PyTorch's names. */
export async function hashedState(model: Module): Promise<StateDict> {
  const state = await toTorch(model);
  return new Map(
    [...state].map(
      ([
        name,
        {
          shape,
          data: { length },
        },
      ]) => [name, { shape, data: hashedTensor(name, shape, length) }],
    ),
  );
}

function hashedTensor(name: string, shape: readonly number[], count: number): Float32Array {
  if (name.endsWith('running_var') || (shape.length === 1 && name.endsWith('weight')))
    return hashedValues(name, count, 0.25, 1);
  if (shape.length === 1) return hashedValues(name, count, 0.1);
  return hashedValues(name, count, Math.sqrt(3 / (count / shape[0]!)));
}
