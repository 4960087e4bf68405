/**
 * @file The buffers of each pass of a convolution, the same for all algorithms.
 */

import type { BuffersOf } from '../buffers.ts';

/** Of forward; the optional ones are those of an epilogue. */
export type ForwardBuffers = BuffersOf<'x' | 'weight' | 'y', 'bias' | 'statistics' | 'residual'>;

/** Of the gradient with respect to the input. */
export type BackwardInputBuffers = BuffersOf<'dy' | 'weight' | 'dx'>;

/** Of the gradient with respect to the weight. */
export type BackwardWeightBuffers = BuffersOf<'x' | 'dy' | 'dw'>;
