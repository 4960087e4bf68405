/**
 * @file The passes of a convolution, and what measuring says of which algorithm runs one.
 */

import type { Conv2dGeometry } from '../../shape/conv2d.ts';

/** The passes, by the names they have in results and files. */
export const PASSES = ['forward', 'backwardInput', 'backwardWeight'] as const;

/** One pass of a convolution: the result, its gradient with respect to the input, or that with respect to the weight. */
export type Pass = (typeof PASSES)[number];

/** Which algorithms measuring found to be the fastest. */
export interface TunedAlgorithms {
  /** The name of the algorithm for a pass of `g`, undefined where nothing was measured. */
  algorithmOf(pass: Pass, g: Conv2dGeometry): string | undefined;
}

/** Nothing was measured: the heuristics decide. */
export const UNTUNED: TunedAlgorithms = { algorithmOf: () => undefined };
