/**
 * @file What a runtime is to the tests.
 */

import type { Line } from './suite/report.ts';
import type { SuiteInput } from './suite/suite.ts';

/** What compiles WGSL: Dawn's compiler, or wgpu's. */
export type Compiler = 'Tint' | 'naga';

/** Longer than any runtime needs, in milliseconds: one that hangs is ended. */
export const LIMIT = 15 * 60_000;

/** A runtime. */
export interface Runtime {
  readonly name: string;
  readonly compiler: Compiler;
  /**
   * How much runs in it. `all`: every kernel is compiled, every algorithm run, and all figures are compared; `compile`: every
   * kernel is compiled, and the adapter verified; `least`: programs of all ops, and three training steps. That is a part of all three.
   */
  readonly extent: 'all' | 'compile' | 'least';
  /** Fetches it, if need be; gives its version. Rejects where it cannot be had. */
  find(): Promise<string>;
  /** Runs the suite; `onLine` is told each line of its report. Rejects where the runtime does not come to an end. */
  run(input: SuiteInput, onLine: (line: Line) => void): Promise<void>;
}
