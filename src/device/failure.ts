/**
 * @file The failure of a device: the first error that WebGPU reports of its own accord, or its loss. Nothing computed since is
 * to be trusted, so that from then on every call throws it.
 */

import { FoveaError } from '../errors.ts';

/** Watches a device for its failure. */
export class FailureWatch {
  #failure: FoveaError | undefined;

  /** `bytesInUse` tells how much memory is in use, for the message of 'out-of-memory'. */
  constructor(gpu: GPUDevice, bytesInUse: () => number) {
    void gpu.lost.then(({ message }) => {
      this.#failure ??= new FoveaError(
        'device-lost',
        `the device was lost: ${message || 'no reason given'}; its tensors are gone, create another device`,
      );
      // Dawn for Node holds the handler, and with it this device, for ever.
      gpu.onuncapturederror = null;
    });
    gpu.onuncapturederror = ({ error }) => {
      const outOfMemory = error.constructor.name === 'GPUOutOfMemoryError';
      this.#failure ??= outOfMemory
        ? new FoveaError(
            'out-of-memory',
            `the adapter is out of memory with ${bytesInUse()} bytes in use: use a smaller batch ` +
              `or dispose tensors (${error.message})`,
          )
        : new FoveaError('validation', `WebGPU refused a command, please report this: ${error.message}`);
    };
  }

  /** Has every later call throw 'device-lost', unless the device has failed before. */
  destroy(): void {
    this.#failure ??= new FoveaError('device-lost', 'the device was destroyed: create another one');
  }

  /** Throws the failure, if there is one. */
  check(): void {
    if (this.#failure) throw this.#failure;
  }

  /** What lies behind an error of WebGPU: the failure if there is one. */
  async explain(error: unknown): Promise<unknown> {
    if (!this.#failure && !(error instanceof FoveaError)) await new Promise((resolve) => setTimeout(resolve));
    return this.#failure ?? error;
  }
}
