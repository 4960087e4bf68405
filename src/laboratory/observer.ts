/**
 * @file Who looks on while a part is measured.
 */

import type { StopSignal } from '../arguments.ts';

/** Asked and told before each piece of a part. */
export interface Observer {
  /** Once it is aborted, the part ends with what it has. */
  readonly signal: StopSignal;
  /** What is about to be measured, and how much of the part is done. */
  readonly onProgress: (what: string, done: number, total: number) => void;
}
