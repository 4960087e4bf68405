/**
 * @file The one error class of fovea.
 *
 * A message names the thing that is wrong, the two values that disagree and what to do about it;
 * the code is for programs.
 */

/** What went wrong, for programs that catch a {@link FoveaError}. */
export type FoveaErrorCode =
  /** An argument is outside what the function accepts. */
  | 'invalid-argument'
  /** Two shapes, or a shape and a length, disagree. */
  | 'shape-mismatch'
  /** A tensor has the wrong element type. */
  | 'dtype-mismatch'
  /** No WebGPU adapter of the kind asked for. */
  | 'no-adapter'
  /** The adapter gives wrong results, which `verify` has found. */
  | 'untrustworthy-adapter'
  /** The adapter's limits or features do not allow this. */
  | 'unsupported'
  /** The device was lost, or destroyed. */
  | 'device-lost'
  /** The device could not allocate a buffer. */
  | 'out-of-memory'
  /** WebGPU refused a command, or a kernel, as the message says: of one's own a defect there, else one of fovea. */
  | 'validation'
  /** A tensor, or what is closed in the end, was used after that. */
  | 'disposed'
  /** A file cannot be read, or does not hold what it should. */
  | 'bad-file'
  /** A loss, a prediction or a weight is NaN or infinite: training or evaluating has overflowed. */
  | 'not-finite'
  /** Another process, or another part of this one, is working in the folder. */
  | 'in-use'
  /** Data, or a state dict, lacks something or holds something unknown. */
  | 'bad-data';

/** Every error that fovea throws on purpose. */
export class FoveaError extends Error {
  /** What JavaScript prints before the message. */
  override readonly name = 'FoveaError';

  /** An error of this code, whose `cause` may be given. */
  constructor(
    /** What went wrong, for programs. */
    readonly code: FoveaErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Throws a {@link FoveaError} with `code` and `message` unless `condition` holds. */
export function check(condition: boolean, code: FoveaErrorCode, message: () => string): asserts condition {
  if (!condition) throw new FoveaError(code, message());
}

/** What an error says; anything can be thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
