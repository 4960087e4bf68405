/**
 * @file State dicts: the values of named tensors on the host.
 */

import {
  ARRAY,
  checkArgument,
  checkProperties,
  describe,
  FLOATS,
  instanceOf,
  isObject,
  type OptionRules,
  type Rule,
  required,
} from '../arguments.ts';
import { check, FoveaError } from '../errors.ts';
import { formatShape, sameShape, sizeOf } from '../shape/shape.ts';
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

/** A state dict; what its entries are is checked by {@link matchingEntry}. */
export const STATE_DICT: Rule = instanceOf(Map, 'a Map from names to { shape, data }');

const ENTRY: OptionRules<StateEntry> = { shape: required(ARRAY), data: required(FLOATS) };

/** Throws 'invalid-argument' unless `state` is a state dict whose entries all are { shape, data }. */
export function checkState(what: string, state: StateDict): void {
  checkArgument(what, state, STATE_DICT);
  for (const [name, entry] of state) checkProperties(`${name} of ${what}`, entry, ENTRY);
}

/**
 * Overwrites all tensors with the entries of `state`. Returns the names in `state` that no tensor has. Nothing is
 * written unless every entry fits: throws 'bad-data' where one is missing or is no { shape, data }, 'shape-mismatch' where
 * its shape differs, or its count of values from that of the shape.
 */
export function loadState(tensors: readonly NamedTensor[], state: StateDict): { unexpected: string[] } {
  checkArgument('a state dict', state, STATE_DICT);
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
    isObject(entry) && Array.isArray(entry.shape) && entry.data instanceof Float32Array,
    'bad-data',
    () => `${name} is no { shape, data: Float32Array } in the state dict, but ${describeEntry(entry)}`,
  );
  check(
    sameShape(entry.shape, shape),
    'shape-mismatch',
    () =>
      `${name} has shape ${formatShape(shape)}, in the state dict ${describe(entry.shape)}: is it of another model?`,
  );
  check(
    entry.data.length === sizeOf(shape),
    'shape-mismatch',
    () =>
      `${name} of shape ${formatShape(shape)} takes ${sizeOf(shape)} values, the state dict has ${entry.data.length}: ` +
      'is it cut off?',
  );
  return entry;
}

function describeEntry(entry: unknown): string {
  if (!isObject(entry)) return describe(entry);
  const { shape, data } = entry as Partial<StateEntry>;
  return `{ shape: ${describe(shape)}, data: ${describe(data)} }`;
}
