/**
 * @file The convolutions that every algorithm is tried on, as far as it may be chosen for them.
 *
 * Sums are longer than a K block of tiles, pixels fill the last block of a thread or do not, results fill more than one tile of 64 and leave its second one in part, channels are
 * no multiple of 4, every side has padding of its own. Code depends on the window, so that each of these is kernels to compile:
 * they are as few as go through every branch.
 */

import { type Conv2dAttributes, type Conv2dGeometry, conv2dGeometry } from '../../shape/conv2d.ts';
import type { Shape } from '../../shape/shape.ts';

/** A convolution. */
export interface ConvolutionCase {
  readonly name: string;
  readonly input: Shape;
  readonly weight: Shape;
  readonly options: {
    readonly stride: readonly [number, number];
    readonly padding: readonly [top: number, bottom: number, left: number, right: number];
    readonly dilation: readonly [number, number];
    readonly groups: number;
  } & Conv2dAttributes;
}

const one = [1, 1] as const;
const around = [1, 1, 1, 1] as const;
const DEFAULTS = { stride: one, padding: [0, 0, 0, 0], dilation: one, groups: 1 } as const;

const convolution = (
  name: string,
  input: Shape,
  weight: Shape,
  options: Partial<ConvolutionCase['options']> = {},
): ConvolutionCase => ({ name, input, weight, options: { ...DEFAULTS, ...options } });

/** All. */
export const CONVOLUTION_CASES: readonly ConvolutionCase[] = [
  convolution('3×3', [2, 18, 9, 11], [70, 18, 3, 3], { padding: around }),
  convolution('1×1, many pixels', [3, 10, 16, 16], [70, 10, 1, 1]),
  convolution('strided and dilated', [2, 7, 12, 13], [9, 7, 3, 2], {
    stride: [2, 1],
    padding: [0, 2, 1, 3],
    dilation: [1, 2],
  }),
  convolution('aligned groups', [2, 16, 6, 5], [24, 8, 3, 3], { padding: around, groups: 2 }),
  convolution('groups of four', [2, 12, 13, 9], [12, 4, 3, 3], { padding: around, groups: 3 }),
  convolution('groups that share vec4s', [2, 6, 7, 5], [9, 2, 3, 3], { padding: around, groups: 3 }),
  convolution('depthwise, strided', [2, 10, 8, 9], [10, 1, 3, 3], {
    stride: [2, 2],
    padding: around,
    groups: 10,
  }),
  convolution('depthwise, 5×5', [2, 6, 17, 9], [6, 1, 5, 5], { padding: [2, 2, 2, 2], groups: 6 }),
];

/** Its numbers. */
export const geometryOf = ({ input, weight, options }: ConvolutionCase): Conv2dGeometry =>
  conv2dGeometry(input, weight, options);
