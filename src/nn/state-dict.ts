/**
 * @file State dicts: the values of named tensors on the host.
 */

import {
  ARRAY,
  BOOLEAN,
  checkArgument,
  checkOptions,
  checkProperties,
  describe,
  FLOATS,
  instanceOf,
  isObject,
  type OptionRules,
  type Rule,
  required,
} from '../arguments.ts';
import { counted } from '../counted.ts';
import { check, FoveaError } from '../errors.ts';
import { formatShape, sameShape, sizeOf } from '../shape/shape.ts';
import { readTensors, upload } from '../tensor/create.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** One tensor's values. */
export interface StateEntry {
  /** Extents, outermost first. */
  readonly shape: number[];
  /** In logical row-major order. */
  readonly data: Float32Array;
}

/** Values by structured name, in the order of the model. */
export type StateDict = Map<string, StateEntry>;

/** What a state dict may be loaded from: one of ours, or the `tensors` of `decodeSafetensors`. */
export type LoadableState = ReadonlyMap<
  string,
  {
    /** Extents, outermost first. */
    readonly shape: readonly number[];
    /** Numbers in row-major order. */
    readonly data: ArrayBufferView;
  }
>;

/** How a state dict is loaded. */
export interface LoadStateOptions {
  /** Whether all must fit, true by default; else what fits is loaded, and the rest is told. */
  readonly strict?: boolean;
}

/** The names of what was not loaded; none where that was strict. */
export interface LoadReport {
  /** Of the module, and not in the state dict. */
  readonly missing: readonly string[];
  /** In the state dict, and not of the module. */
  readonly unexpected: readonly string[];
  /** Of other shapes in the two. */
  readonly mismatched: readonly string[];
}

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

const LOAD_OPTIONS: OptionRules<LoadStateOptions> = { strict: BOOLEAN };
const ENTRY: OptionRules<StateEntry> = { shape: required(ARRAY), data: required(FLOATS) };

/** Throws 'invalid-argument' unless `state` is a state dict whose entries all are { shape, data }. */
export function checkState(what: string, state: StateDict): void {
  checkArgument(what, state, STATE_DICT);
  for (const [name, entry] of state) checkProperties(`${name} of ${what}`, entry, ENTRY);
}

/**
 * Overwrites tensors with the entries of `state`, and tells what did not fit. Where that is strict it throws instead, and writes
 * nothing: 'bad-data' where an entry is missing, of no tensor, or no { shape, data }, 'shape-mismatch' where its shape differs.
 * An entry that has not as many values as its shape says throws in any case.
 */
export function loadState(
  tensors: readonly NamedTensor[],
  state: LoadableState,
  options: LoadStateOptions = {},
): LoadReport {
  checkArgument('a state dict', state, STATE_DICT);
  checkOptions('loadStateDict', options, LOAD_OPTIONS);
  const { strict = true } = options;
  const known = new Set(tensors.map(([name]) => name));
  const unexpected = [...state.keys()].filter((name) => !known.has(name));
  const missing = strict ? [] : [...known].filter((name) => !state.has(name));
  const differs = ([name, { shape }]: NamedTensor) => {
    const found: unknown = state.get(name)?.shape;
    return Array.isArray(found) && !sameShape(found, shape);
  };
  const mismatched = strict ? [] : tensors.filter(differs).map(([name]) => name);
  const passedOver = new Set([...missing, ...mismatched]);
  const entries = tensors
    .filter(([name]) => !passedOver.has(name))
    .map(([name, tensor]) => [tensor, matchingEntry(state, name, tensor.shape)] as const);
  check(!strict || unexpected.length === 0, 'bad-data', () => {
    return (
      `the state dict has ${counted(unexpected.length, 'entry', 'entries')} that the module lacks, ${unexpected[0]} first: is it from another model? ` +
      '{ strict: false } loads what fits'
    );
  });
  for (const [tensor, { data }] of entries) upload(tensor, data);
  return { missing, unexpected, mismatched };
}

/** The entry of `state` called `name`. Throws as a strict {@link loadState} does. */
export function matchingEntry(state: LoadableState, name: string, shape: readonly number[]): StateEntry {
  const entry = state.get(name);
  if (!entry) {
    throw new FoveaError(
      'bad-data',
      `the state dict has ${counted(state.size, 'entry', 'entries')} but none called ${name}, of shape ${formatShape(shape)}: ` +
        'is it from another model?',
    );
  }
  check(
    isEntry(entry),
    'bad-data',
    () => `${name} in the state dict is not { shape, data: Float32Array } but ${describeEntry(entry)}`,
  );
  check(
    sameShape(entry.shape, shape),
    'shape-mismatch',
    () =>
      `${name} has shape ${formatShape(shape)}, in the state dict ${describe(entry.shape)}: is it from another model?`,
  );
  check(
    entry.data.length === sizeOf(shape),
    'shape-mismatch',
    () =>
      `${name} of shape ${formatShape(shape)} takes ${counted(sizeOf(shape), 'value')}, the state dict has ${entry.data.length}: ` +
      'is it cut off?',
  );
  return entry;
}

/** Whether this is an entry; how many values it has is not looked at. */
function isEntry(entry: unknown): entry is StateEntry {
  const { shape, data } = (isObject(entry) ? entry : {}) as Partial<StateEntry>;
  return Array.isArray(shape) && data instanceof Float32Array;
}

function describeEntry(entry: unknown): string {
  if (!isObject(entry)) return describe(entry);
  const { shape, data } = entry as Partial<StateEntry>;
  return `{ shape: ${describe(shape)}, data: ${describe(data)} }`;
}
