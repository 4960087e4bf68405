/**
 * @file The algorithms of all kinds of adapters, for tests, benchmarks and scripts.
 *
 * Nothing of the library imports this: a device has only the algorithms for its kind of adapter (`tensor/open-device.ts`).
 */

import type { Algorithm } from './algorithm.ts';
import { ALGORITHMS_FOR_HARDWARE } from './for-hardware.ts';
import { ALGORITHMS_FOR_SOFTWARE } from './for-software.ts';

/** Each algorithm once; the kernels are right on adapters of both kinds. */
export const ALL_ALGORITHMS: readonly Algorithm[] = [
  ...new Set([...ALGORITHMS_FOR_SOFTWARE, ...ALGORITHMS_FOR_HARDWARE]),
];
