/**
 * @file How a runtime tells what became of the checks: one object each, as soon as it is known.
 */

import type { Certificate } from '../../../src/verify/certificate.ts';

/** What became of one check. */
export interface CheckResult {
  readonly name: string;
  readonly passed: boolean;
  readonly seconds: number;
  /** What is wrong, where it did not pass. */
  readonly error?: string;
  /** Why it could not be made; it counts as passed. */
  readonly skipped?: string;
  /** Stands for all bits of the results. */
  readonly digest?: string;
}

/** A line of the report; it ends with `finished`, or with what hindered that. */
export type Line =
  | CheckResult
  | { readonly adapter: string }
  | { readonly certificate: Certificate }
  | { readonly finished: true }
  | { readonly trouble: string };

/** Why a check cannot be made in this runtime. */
export class Skipped extends Error {}

/** Makes checks and reports them. */
export class Reporter {
  readonly #send: (line: Line) => void;

  constructor(send: (line: Line) => void) {
    this.#send = send;
  }

  /** Makes one check, which throws where something is wrong, and may give the digest of its results. Its time counts from `start`. */
  async check(
    name: string,
    work: () => Promise<string | undefined>,
    start = performance.now(),
  ): Promise<void> {
    const outcome = await work().then(
      (digest) => ({ passed: true, ...(digest !== undefined && { digest }) }),
      (error: unknown) => {
        if (error instanceof Skipped) return { passed: true, skipped: error.message };
        return {
          passed: false,
          error: error instanceof Error ? (error.stack ?? error.message) : String(error),
        };
      },
    );
    this.#send({ name, ...outcome, seconds: (performance.now() - start) / 1000 });
  }

  /** Tells what is no check. */
  tell(line: Exclude<Line, CheckResult>): void {
    this.#send(line);
  }
}

/** 32-bit FNV-1a over the bits of all values, four bytes at a time. */
export function digestOf(arrays: Iterable<Float32Array>): string {
  let hash = 0x811c9dc5;
  for (const { buffer, byteOffset, length } of arrays)
    for (const word of new Uint32Array(buffer, byteOffset, length)) hash = Math.imul(hash ^ word, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}
