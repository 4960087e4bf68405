/**
 * @file State dicts as PyTorch has them: its names, and its order of axes.
 */

import { checkArgument } from '../arguments.ts';
import { Linear } from './linear.ts';
import { type AnyModule, MODULE } from './module.ts';
import {
  type LoadableState,
  type LoadReport,
  type LoadStateOptions,
  loadState,
  readState,
  STATE_DICT,
  type StateDict,
  type StateEntry,
} from './state-dict.ts';

/** A count that PyTorch's batch norms keep, and nothing reads while their momentum is a number. */
const BATCHES = /(^|\.)num_batches_tracked$/;

/**
 * The state of `module` by the names that a PyTorch module of the same properties has: `running_mean` for a batch norm's mean, a
 * `Linear`'s `weight` as `[out, in]`, and for a `ResNet` torchvision's (`conv1`, `layer1.0.bn2`, `fc`).
 */
export async function toTorch(module: AnyModule): Promise<StateDict> {
  checkArgument('the module of toTorch', module, MODULE);
  const state = await readState(module.namedState('torch').map(([name, { tensor }]) => [name, tensor]));
  for (const name of linearWeights(module)) state.set(name, transposed(state.get(name)!));
  return state;
}

/**
 * Overwrites the state of `module` with a state dict of PyTorch's, as {@link toTorch} names it: the `tensors` that
 * `decodeSafetensors` gives, for instance. `num_batches_tracked` is passed over. Throws, and returns a report, as
 * `loadStateDict` does.
 *
 *     fromTorch(model, decodeSafetensors(await readFile('resnet50.safetensors')).tensors);
 */
export function fromTorch(
  module: AnyModule,
  state: LoadableState,
  options: LoadStateOptions = {},
): LoadReport {
  checkArgument('the module of fromTorch', module, MODULE);
  checkArgument('the state dict of fromTorch', state, STATE_DICT);
  const transpose = linearWeights(module);
  const ours = [...state].flatMap(([name, entry]): [string, typeof entry][] => {
    if (BATCHES.test(name)) return [];
    return [[name, transpose.has(name) && isMatrix(entry) ? transposed(entry) : entry]];
  });
  const tensors = module.namedState('torch').map(([name, { tensor }]) => [name, tensor] as const);
  return loadState(tensors, new Map(ours), options);
}

/** The names of those parameters whose axes PyTorch has the other way round. */
function linearWeights(module: AnyModule): Set<string> {
  const linears = module.namedModules().map(([, inner]) => inner);
  const weights = new Set<object>(
    linears.flatMap((inner) => (inner instanceof Linear ? [inner.weight] : [])),
  );
  return new Set(module.namedState('torch').flatMap(([name, member]) => (weights.has(member) ? [name] : [])));
}

function isMatrix(entry: unknown): entry is StateEntry {
  const { shape, data } = (entry ?? {}) as Partial<StateEntry>;
  const [rows, columns, ...rest] = shape ?? [];
  return data instanceof Float32Array && rest.length === 0 && data.length === rows! * columns!;
}

/** A matrix with its axes the other way round. */
export function transposed({ shape: [rows, columns], data }: StateEntry): StateEntry {
  const values = new Float32Array(data.length);
  // Networks have matrices of millions: Float32Array.from() would take thirty times as long.
  for (let row = 0; row < rows!; row++)
    for (let column = 0; column < columns!; column++)
      values[column * rows! + row] = data[row * columns! + column]!;
  return { shape: [columns!, rows!], data: values };
}
