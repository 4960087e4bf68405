/**
 * @file What becomes known only after commands were recorded: whether a kernel compiled, whether it wrote its results.
 */

import { describe } from '../arguments.ts';
import { FoveaError } from '../errors.ts';

/** Resolves to what is wrong, if anything is; never rejects. */
export type Verdict = Promise<FoveaError | undefined>;

/** The verdicts that are pending, and the bad ones that were not thrown yet. */
export class Verdicts {
  readonly #open = new Set<Verdict>();

  /** Keeps a verdict until it is good or was thrown. */
  add(verdict: Verdict): void {
    this.#open.add(verdict);
    void verdict.then((error) => {
      if (!error) this.#open.delete(verdict);
    });
  }

  /** Keeps what `judge` makes of the one buffer that is being read. */
  judge(reading: Promise<readonly ArrayBuffer[]>, judge: (bytes: ArrayBuffer) => unknown): void {
    const lost = () => undefined; // The device is lost: every call of it throws that.
    this.add(reading.then(([bytes]) => errorOf(judge, bytes!), lost));
  }

  /** Waits for the verdicts on all that was recorded before, and throws the first error among them. Each is thrown once. */
  async tell(): Promise<void> {
    if (this.#open.size === 0) return;
    const verdicts = [...this.#open];
    const errors = await Promise.all(verdicts);
    for (const verdict of verdicts) this.#open.delete(verdict);
    const first = errors.find((error) => error !== undefined);
    if (first) throw first;
  }
}

function errorOf(judge: (bytes: ArrayBuffer) => unknown, bytes: ArrayBuffer): FoveaError | undefined {
  let error: unknown;
  try {
    error = judge(bytes);
  } catch (thrown) {
    error = thrown;
  }
  if (error === undefined || error instanceof FoveaError) return error;
  return new FoveaError(
    'invalid-argument',
    `what the judge of verify gives is ${describe(error)}: it must be a FoveaError, or undefined`,
  );
}
