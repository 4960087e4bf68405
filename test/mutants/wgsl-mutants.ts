/**
 * @file All WGSL mutants.
 */

import { ACTIVATION_FAULTS } from './wgsl/activations.ts';
import { BATCH_NORM } from './wgsl/batch-norm.ts';
import { CONV2D } from './wgsl/conv2d.ts';
import { DENSE } from './wgsl/conv2d-dense.ts';
import { DIVISIBLE } from './wgsl/divisible.ts';
import { DROPOUT } from './wgsl/dropout.ts';
import { ELEMENTWISE } from './wgsl/elementwise.ts';
import type { Fault, Selection } from './wgsl/fault.ts';
import { FUNCTION_FAULTS } from './wgsl/functions.ts';
import { LOSS_FAULTS } from './wgsl/losses.ts';
import { NORM } from './wgsl/norm.ts';
import { OPTIMIZERS } from './wgsl/optimizers.ts';
import { POOL } from './wgsl/pool.ts';
import { RESAMPLE_FAULTS } from './wgsl/resample.ts';
import { RESULTS } from './wgsl/results.ts';
import { ROWS } from './wgsl/rows.ts';
import { STRIDED } from './wgsl/strided.ts';

/** A fault in a kernel. */
export interface WgslMutant {
  /** `kernel: fault`. */
  readonly name: string;
  readonly kernel: string;
  readonly fault: Fault;
  readonly tests: readonly Selection[];
}

/** The mutants of all kernels. */
export const WGSL_MUTANTS: readonly WgslMutant[] = [
  ...ELEMENTWISE,
  ...OPTIMIZERS,
  ...ACTIVATION_FAULTS,
  ...FUNCTION_FAULTS,
  ...STRIDED,
  ...POOL,
  ...BATCH_NORM,
  ...NORM,
  ...DROPOUT,
  ...CONV2D,
  ...DENSE,
  ...DIVISIBLE,
  ...RESULTS,
  ...ROWS,
  ...LOSS_FAULTS,
  ...RESAMPLE_FAULTS,
].flatMap(({ kernel, tests, faults }) =>
  faults.map((fault) => ({ name: `${kernel}: ${fault.name}`, kernel, fault, tests })),
);
