/**
 * @file State dicts: the values of named tensors on the host.
 */

import { check, FoveaError } from '../errors.ts';
import { formatShape, sameShape } from '../shape/shape.ts';
import { readTensors, upload } from '../tensor/create.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** One tensor's values. */
export interface StateEntry {
  readonly shape: number[];
  /** In logical row-major order. */
  readonly data: Float32Array;
}

/** Values by structured name, in the order of the model. */
export type StateDict = Map<string, StateEntry>;

/** A tensor and its name. */
export type NamedTensor = readonly [name: string, tensor: Tensor];

/** Reads all tensors with one wait. */
export async function readState(tensors: readonly NamedTensor[]): Promise<StateDict> {
  const values = await readTensors(tensors.map(([, tensor]) => tensor));
  return new Map(
    tensors.map(([name, { shape }], i) => [name, { shape: [...shape], data: values[i] as Float32Array }]),
  );
}

/**
 * Overwrites all tensors with the entries of `state`. Returns the names in `state` that no tensor has. Nothing is
 * written unless every entry fits: throws 'bad-data' where one is missing, 'shape-mismatch' where shapes differ.
 */
export function loadState(tensors: readonly NamedTensor[], state: StateDict): { unexpected: string[] } {
  const entries = tensors.map(([name, { shape }]) => matchingEntry(state, name, shape));
  tensors.forEach(([, tensor], i) => {
    upload(tensor, entries[i]!.data);
  });
  const known = new Set(tensors.map(([name]) => name));
  return { unexpected: [...state.keys()].filter((name) => !known.has(name)) };
}

/** The entry of `state` called `name`. Throws as {@link loadState} does. */
export function matchingEntry(state: StateDict, name: string, shape: readonly number[]): StateEntry {
  const entry = state.get(name);
  if (!entry) {
    throw new FoveaError(
      'bad-data',
      `the state dict has ${state.size} entries but none called ${name}, of shape ${formatShape(shape)}: ` +
        'is it of another model?',
    );
  }
  check(
    sameShape(entry.shape, shape),
    'shape-mismatch',
    () =>
      `${name} has shape ${formatShape(shape)}, in the state dict ${formatShape(entry.shape)}: is it of another model?`,
  );
  return entry;
}
