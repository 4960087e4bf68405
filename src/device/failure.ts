/**
 * @file The failure of a device: an error of WebGPU's that belongs to no kernel, or its loss. Nothing computed since is to be
 * trusted, so that from then on every call throws it.
 *
 * Safari and Chrome, Firefox and Deno differ in when they send an event for an error, and in how one listens to it. Error
 * scopes are exact everywhere: they are open at all times, and whoever waits for a result also waits for what they got up
 * to then. No read gives zeros for memory that there was not. A program that reads nothing is told too, since scopes are
 * looked into after every buffer that is created.
 */

import { FoveaError, type FoveaErrorCode } from '../errors.ts';
import { closeScopes, openScopes, type ScopedError } from './error-scopes.ts';

/** How long a loss may take to be told after what it made fail, in milliseconds. */
const LOSS_IS_TOLD_WITHIN = 100;

/** Watches a device for its failure. */
export class FailureWatch {
  readonly #gpu: GPUDevice;
  readonly #bytesInUse: () => number;
  readonly #lost: Promise<void>;
  /** When all scopes that were closed have told what they got. */
  #told: Promise<unknown> = Promise.resolve();
  /** Whether something was called that {@link look} has not looked at. */
  #unseen = false;
  #looking = false;
  #failure: FoveaError | undefined;
  #isDestroyed = false;

  /** `bytesInUse` tells how much memory is in use, for the message of 'out-of-memory'. */
  constructor(gpu: GPUDevice, bytesInUse: () => number) {
    this.#gpu = gpu;
    this.#bytesInUse = bytesInUse;
    openScopes(gpu);
    this.#lost = gpu.lost.then(({ message }) => {
      this.#fail(
        'device-lost',
        `the device was lost: ${message || 'no reason given'}; its tensors are gone: reopen() it, or create another device`,
      );
    });
  }

  /** Throws the failure, if there is one. */
  check(): void {
    if (this.#failure) throw this.#failure;
  }

  /** Has every later call throw 'device-lost', unless the device has failed before. */
  destroy(): void {
    this.#isDestroyed = true;
    this.#fail('device-lost', 'the device was destroyed: create another one');
  }

  /** Whether the device was lost, and not destroyed by its user. */
  get isLoss(): boolean {
    return this.#failure?.code === 'device-lost' && !this.#isDestroyed;
  }

  /** Resolves when it is known whether anything failed of what was called until now. */
  async settled(): Promise<void> {
    const closing = closeScopes(this.#gpu).then((error) => {
      if (error) this.#report(error);
    });
    openScopes(this.#gpu);
    this.#told = Promise.all([this.#told, closing]);
    await this.#told;
  }

  /** Has {@link check} throw as soon as it is known that something failed of what was called until now. */
  look(): void {
    this.#unseen = true;
    if (!this.#looking) void this.#lookOn();
  }

  /** One look after the other: a thousand calls in one turn of the event loop are worth two. */
  async #lookOn(): Promise<void> {
    this.#looking = true;
    while (this.#unseen) {
      this.#unseen = false;
      await this.settled();
    }
    this.#looking = false;
  }

  /** What lies behind an error of WebGPU's: the failure if there is one. */
  async explain(error: unknown): Promise<unknown> {
    if (error instanceof FoveaError) return this.#failure ?? error;
    await this.settled();
    if (!this.#failure) await Promise.race([this.#lost, sleep(LOSS_IS_TOLD_WITHIN)]);
    return this.#failure ?? unexplained(error);
  }

  #report({ kind, message }: ScopedError): void {
    if (kind === 'out-of-memory')
      this.#fail(
        kind,
        `the adapter is out of memory with ${this.#bytesInUse()} bytes in use: use a smaller batch or dispose tensors (${message})`,
      );
    else this.#fail('validation', `WebGPU refused a command, please report this: ${message}`);
  }

  #fail(code: FoveaErrorCode, message: string): void {
    this.#failure ??= new FoveaError(code, message);
  }
}

/** An error of WebGPU's as one of fovea's; others, which are mistakes in the program, stay what they are. */
function unexplained(error: unknown): unknown {
  if (!(error instanceof Error) || !['AbortError', 'OperationError'].includes(error.name)) return error;
  return new FoveaError(
    'validation',
    `WebGPU gave no result, and no reason but this, please report it: ${error.message}`,
    { cause: error },
  );
}

const sleep = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
