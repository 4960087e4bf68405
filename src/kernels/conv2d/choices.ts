/**
 * @file The passes of a convolution, and who may say which family of kernels does one.
 */

import type { Conv2dGeometry } from '../../shape/conv2d.ts';

/** The passes, by the names they have in results and files. */
export const PASSES = ['forward', 'backwardInput', 'backwardWeight'] as const;

/** One pass of a convolution: the result, its gradient by the input, or its gradient by the weight. */
export type Pass = (typeof PASSES)[number];

/** Choices among families of kernels that were made by measuring. */
export interface Choices {
  /** The name of the family for a pass of `g`, undefined where nothing was measured. */
  familyOf(pass: Pass, g: Conv2dGeometry): string | undefined;
}

/** No choice: rules decide. */
export const NO_CHOICES: Choices = { familyOf: () => undefined };
