/** @file For libraries that know Node's `Buffer` and need two of its functions. */

const STAND_IN = {
  alloc: (length: number) => new Uint8Array(length),
  from: (bytes: ArrayLike<number>) => Uint8Array.from(bytes),
};

/** Does `work`, with a stand-in where there is no `Buffer`. Since nothing else runs meanwhile, nothing else ever sees it. */
export function withBuffer<T>(work: () => T): T {
  if ('Buffer' in globalThis) return work();
  Object.defineProperty(globalThis, 'Buffer', { value: STAND_IN, configurable: true });
  try {
    return work();
  } finally {
    Reflect.deleteProperty(globalThis, 'Buffer');
  }
}
