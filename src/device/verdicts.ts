/**
 * @file What is known only later of commands that were recorded: whether a kernel compiled, whether it wrote its results.
 */

import type { FoveaError } from '../errors.ts';

/** Resolves to what is wrong, if anything is; never rejects. */
export type Verdict = Promise<FoveaError | undefined>;

/** The verdicts that are not in yet, and those that nobody was told of. */
export class Verdicts {
  readonly #open = new Set<Verdict>();

  /** Keeps a verdict until it is good or was told. */
  add(verdict: Verdict): void {
    this.#open.add(verdict);
    void verdict.then((error) => {
      if (!error) this.#open.delete(verdict);
    });
  }

  /** Waits for the verdicts on all that was recorded before, and throws the first error among them. Each is told once. */
  async tell(): Promise<void> {
    if (this.#open.size === 0) return;
    const verdicts = [...this.#open];
    const errors = await Promise.all(verdicts);
    for (const verdict of verdicts) this.#open.delete(verdict);
    const first = errors.find((error) => error !== undefined);
    if (first) throw first;
  }
}
