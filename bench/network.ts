/**
 * @file Kernel times as rows.
 */

import type { KernelTime } from '../src/device/profiler.ts';
import type { Row } from './results.ts';

/** A row for each kernel. */
export function kernelRows(times: readonly KernelTime[]): Row[] {
  const total = times.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  return times.map(({ name, dispatches, milliseconds }) => ({
    name: `kernel ${name}`,
    milliseconds,
    figures: { dispatches, '% of kernels': (100 * milliseconds) / total },
  }));
}
