/**
 * @file Who frees a tensor: scopes, and the count of what lives.
 *
 * Every tensor of a device belongs to the scope that is open when it is made, and is freed when that scope ends
 * unless the scope returns it. A tensor made outside of any scope is its maker's to dispose.
 */

import { checkArgument, FUNCTION, type Rule } from '../arguments.ts';
import { Device } from '../device/device.ts';
import { DISPOSE } from '../device/disposal.ts';
import { check } from '../errors.ts';
import { checkDevice } from './check-device.ts';
import { MANY_TENSORS, warnOfLeak } from './leak-warning.ts';

/** What a scope frees. */
export interface Owned {
  /** The device whose scopes free it. */
  readonly device: Device;
  /** Frees it. */
  dispose(): void;
}

/** One open scope. */
interface Scope {
  readonly tensors: Set<Owned>;
  /** What a graph saves for backward outlives the scope of a module and ends with the scope around it. */
  readonly transparent: boolean;
}

interface Ownership {
  readonly scopes: Scope[];
  tensors: number;
  bytes: number;
  /** So many tensors outside of any scope are told to the user. */
  suspicious: number;
}

/** Keyed by device, so that a device and all that belongs to it can be collected together. */
const ownerships = new WeakMap<Device, Ownership>();

function ownershipOf(device: Device): Ownership {
  let ownership = ownerships.get(device);
  if (!ownership) {
    ownership = { scopes: [], tensors: 0, bytes: 0, suspicious: MANY_TENSORS };
    ownerships.set(device, ownership);
  }
  return ownership;
}

/** What lives on a device. */
export interface TensorStatistics {
  /** Live tensors; two handles on the same memory count twice. */
  readonly tensors: number;
  /**
   * Bytes of the memory that tensors and the arenas of optimizers hold, each piece of memory counted once.
   * `device.statistics.bytesInUse` is the same memory in the size classes that it is taken from the device in.
   */
  readonly bytes: number;
}

/** What lives on a device, whoever made it: the figure that should be the same after every turn of a loop. */
export function tensorStatistics(device: Device): TensorStatistics {
  checkDevice('tensorStatistics', device);
  const { tensors, bytes } = ownershipOf(device);
  return { tensors, bytes };
}

/**
 * Runs `work` and frees all tensors of `device` that it made, but for those in what it returns: a tensor, or an
 * array or plain object of them. Those belong to the scope around it. `work` must not be asynchronous; throws
 * 'invalid-argument' where it returns a promise.
 */
export function scope<T>(device: Device, work: () => T): T {
  checkDevice('scope', device);
  checkArgument('the work of scope', work, FUNCTION);
  return runScope(device, work, false);
}

/** A scope that lasts to the end of a block, see {@link openScope}. */
export interface OpenScope {
  /** Frees what was made since it was opened. May be called twice; throws 'invalid-argument' while one opened later is open. */
  dispose(): void;
  /** As {@link dispose}; called by `using`. */
  [DISPOSE](): void;
}

/**
 * Opens a scope that the end of the block closes: all tensors of `device` made until then are freed, but for those that are
 * given to {@link keep}.
 *
 *     for (const batch of batches) {
 *       using _ = openScope(device);
 *       const loss = mean(model(batch));
 *       backward(loss);
 *       optimizer.step();
 *       console.log(await loss.item());
 *     }
 *
 * The block may wait. Until it ends tensors that other code makes on the device belong to it too, so two of them must not
 * overlap: {@link scope} cannot be misused so. `using` needs TypeScript 5.2 or a bundler that knows it.
 */
export function openScope(device: Device): OpenScope {
  checkDevice('openScope', device);
  const { scopes } = ownershipOf(device);
  const own: Scope = { tensors: new Set(), transparent: false };
  scopes.push(own);
  const dispose = () => {
    if (!scopes.includes(own)) return;
    check(scopes.at(-1) === own, 'invalid-argument', () => {
      return 'a scope ends while one that was opened later is open: blocks with `using` on openScope() must not overlap';
    });
    scopes.pop();
    for (const tensor of own.tensors) tensor.dispose();
  };
  return { dispose, [DISPOSE]: dispose };
}

/** As {@link scope}, but what a graph saves inside it belongs to the scope around it. For modules. */
export function moduleScope<T>(device: Device, work: () => T): T {
  return runScope(device, work, true);
}

function runScope<T>(device: Device, work: () => T, transparent: boolean): T {
  const { scopes } = ownershipOf(device);
  const own: Scope = { tensors: new Set(), transparent };
  scopes.push(own);
  let result: T | undefined;
  try {
    result = work();
    check(
      !(result instanceof Promise),
      'invalid-argument',
      () => 'a scope runs synchronous work: await outside of it, or dispose tensors by hand',
    );
    return result;
  } finally {
    scopes.pop();
    for (const kept of ownedIn(result, own.tensors)) {
      own.tensors.delete(kept);
      scopes.at(-1)?.tensors.add(kept);
    }
    for (const tensor of own.tensors) tensor.dispose();
  }
}

const OWNED: Rule = {
  holds: (value) => (value as Partial<Owned> | null | undefined)?.device instanceof Device,
  words: 'a Tensor',
};

/** Takes a tensor out of its scope, so that it lives until it is disposed. Returns it. */
export function keep<T extends Owned>(tensor: T): T {
  checkArgument('what keep is given', tensor, OWNED);
  for (const { tensors } of ownershipOf(tensor.device).scopes) tensors.delete(tensor);
  return tensor;
}

/** Gives a tensor that a graph saves to the innermost scope that is not a module's. */
export function keepForGraph(tensor: Owned): void {
  keep(tensor);
  const { scopes } = ownershipOf(tensor.device);
  scopes.findLast(({ transparent }) => !transparent)?.tensors.add(tensor);
}

/** Notes that a tensor was made. */
export function register(tensor: Owned): void {
  const ownership = ownershipOf(tensor.device);
  const { scopes } = ownership;
  ownership.tensors++;
  if (scopes.length > 0) scopes.at(-1)!.tensors.add(tensor);
  else if (ownership.tensors > ownership.suspicious) {
    ownership.suspicious = Number.POSITIVE_INFINITY;
    warnOfLeak(tensor.device, ownership.tensors);
  }
}

/** Notes that a tensor was disposed. */
export function unregister(tensor: Owned): void {
  ownershipOf(tensor.device).tensors--;
  keep(tensor);
}

/** Notes that memory was taken (or, with negative bytes, given back). */
export function countBytes(device: Device, bytes: number): void {
  ownershipOf(device).bytes += bytes;
}

/** Those of `candidates` that `value` holds, in arrays and plain objects of any depth. */
function ownedIn(value: unknown, candidates: ReadonlySet<Owned>): Owned[] {
  if (typeof value !== 'object' || value === null) return [];
  if (candidates.has(value as Owned)) return [value as Owned];
  const isPlain = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
  return isPlain ? Object.values(value).flatMap((part) => ownedIn(part, candidates)) : [];
}
