/** @file For libraries that know Node's `Buffer` and need two of its functions. */

const STAND_IN = {
  alloc: (length: number) => new Uint8Array(length),
  from: (bytes: ArrayLike<number>) => Uint8Array.from(bytes),
};

/** Does `work`, with a stand-in where there is no `Buffer`. Since nothing else runs meanwhile, nothing else ever sees it. */
export function withBuffer<T>(work: () => T): T {
  const scope: { Buffer?: unknown } = globalThis;
  if (scope.Buffer !== undefined) return work();
  scope.Buffer = STAND_IN;
  try {
    return work();
  } finally {
    delete scope.Buffer;
  }
}
