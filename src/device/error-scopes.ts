/**
 * @file Error scopes, WebGPU's exact way to tell which calls failed: a scope gets the first error of its kind among the calls made
 * between its opening and its closing.
 */

/** What WebGPU has against a call. */
export interface ScopedError {
  readonly kind: GPUErrorFilter;
  readonly message: string;
}

/**
 * All kinds of errors; of several the last here is told. A buffer that found no memory makes all commands that use it invalid:
 * what matters is the memory.
 */
const KINDS: readonly GPUErrorFilter[] = ['validation', 'internal', 'out-of-memory'];

/** Opens a scope for each kind. */
export function openScopes(gpu: GPUDevice): void {
  for (const kind of KINDS) gpu.pushErrorScope(kind);
}

/** Closes the scopes at once, and tells later what they got, if anything; never rejects. */
export async function closeScopes(gpu: GPUDevice): Promise<ScopedError | undefined> {
  const errors = await Promise.all(KINDS.toReversed().map((kind) => closeScope(gpu, kind)));
  return errors.find((error) => error !== undefined);
}

async function closeScope(gpu: GPUDevice, kind: GPUErrorFilter): Promise<ScopedError | undefined> {
  try {
    const error = await gpu.popErrorScope();
    return error ? { kind, message: error.message } : undefined;
  } catch {
    return undefined; // The device is lost, which is told apart from this.
  }
}
