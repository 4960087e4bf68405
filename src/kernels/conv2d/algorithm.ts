/**
 * @file What an algorithm of a convolution is.
 *
 * Which there are: `for-hardware.ts`, `for-software.ts`, and `references.ts`. Which one is taken: `selection.ts`.
 */

import type { Conv2dGeometry } from '../../shape/conv2d.ts';
import type { KernelTarget } from '../plan.ts';
import type { KernelSequence } from '../sequence.ts';
import type { BackwardInputBuffers, BackwardWeightBuffers, ForwardBuffers } from './buffers.ts';
import type { Epilogue } from './epilogue.ts';
import type { Pass } from './passes.ts';

/** Kernels for the passes of a convolution, made on one idea. They are right on every adapter that has what they need. */
export interface Algorithm {
  readonly name: string;
  /** Whether there is a kernel for this. */
  supports(pass: Pass, g: Conv2dGeometry, target: KernelTarget): boolean;
  /** Whether it is likely to be faster than the algorithms after it in its list; asked for what it supports. */
  prefers(pass: Pass, g: Conv2dGeometry, target: KernelTarget): boolean;
  /** How many images forward and the gradient with respect to the input take at a time; missing: any number. */
  images?(pass: 'forward' | 'backwardInput', g: Conv2dGeometry): number;
  forward(g: Conv2dGeometry, epilogue: Epilogue, target: KernelTarget): KernelSequence<ForwardBuffers>;
  backwardInput(g: Conv2dGeometry, target: KernelTarget): KernelSequence<BackwardInputBuffers>;
  backwardWeight(g: Conv2dGeometry, target: KernelTarget): KernelSequence<BackwardWeightBuffers>;
}

/** Channels of what a pass computes: the columns of its product of matrices. */
export function resultChannels(pass: Pass, { inChannels, outChannels }: Conv2dGeometry): number {
  return pass === 'backwardInput' ? inChannels : outChannels;
}
