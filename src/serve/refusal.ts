/**
 * @file A request that cannot be answered as it wants, and why.
 */

/** The statuses that the server refuses with. */
export type RefusalStatus = 400 | 404 | 413 | 415 | 422 | 429 | 503;

/** What is told to a client whose request is refused. */
export class Refusal extends Error {
  /** A refusal with this status of HTTP. */
  constructor(
    readonly status: RefusalStatus,
    message: string,
  ) {
    super(message);
  }
}

/** Throws a {@link Refusal} unless `condition` holds. */
export function accept(condition: boolean, status: RefusalStatus, message: () => string): asserts condition {
  if (!condition) throw new Refusal(status, message());
}
