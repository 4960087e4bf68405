/**
 * @file The convolutions that are measured: every distinct one of ResNet-50 on images of 224 × 224, and two with groups.
 */

import { type Conv2dGeometry, conv2dGeometry } from '../shape/conv2d.ts';

/** A convolution but for its batch; images and filters are square, the padding is half the filter. */
interface ConvCase {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernel: number;
  /** Side of the input. */
  readonly size: number;
  readonly stride: number;
  readonly groups: number;
}

const conv = (
  inChannels: number,
  outChannels: number,
  kernel: number,
  size: number,
  { stride = 1, groups = 1 } = {},
): ConvCase => ({ inChannels, outChannels, kernel, size, stride, groups });

const strided = { stride: 2 };

/**
 * By stage and place in the block: `1x1in`, `3x3s2` and `short` stand in the first block of a stage, `1x1a` and
 * `3x3` in the others, `1x1b` in all.
 */
export const CONV_CASES: Readonly<Record<string, ConvCase>> = {
  stem: conv(3, 64, 7, 224, strided),
  c2_1x1a: conv(64, 64, 1, 56),
  c2_1x1a2: conv(256, 64, 1, 56),
  c2_3x3: conv(64, 64, 3, 56),
  c2_1x1b: conv(64, 256, 1, 56),
  c3_1x1in: conv(256, 128, 1, 56),
  c3_3x3s2: conv(128, 128, 3, 56, strided),
  c3_short: conv(256, 512, 1, 56, strided),
  c3_1x1a: conv(512, 128, 1, 28),
  c3_3x3: conv(128, 128, 3, 28),
  c3_1x1b: conv(128, 512, 1, 28),
  c4_1x1in: conv(512, 256, 1, 28),
  c4_3x3s2: conv(256, 256, 3, 28, strided),
  c4_short: conv(512, 1024, 1, 28, strided),
  c4_1x1a: conv(1024, 256, 1, 14),
  c4_3x3: conv(256, 256, 3, 14),
  c4_1x1b: conv(256, 1024, 1, 14),
  c5_1x1in: conv(1024, 512, 1, 14),
  c5_3x3s2: conv(512, 512, 3, 14, strided),
  c5_short: conv(1024, 2048, 1, 14, strided),
  c5_1x1a: conv(2048, 512, 1, 7),
  c5_3x3: conv(512, 512, 3, 7),
  c5_1x1b: conv(512, 2048, 1, 7),
  grouped: conv(128, 128, 3, 28, { groups: 32 }),
  depthwise: conv(128, 128, 3, 28, { groups: 128 }),
};

/** The geometry of a case of {@link CONV_CASES}. */
export function caseGeometry(
  { inChannels, outChannels, kernel, size, stride, groups }: ConvCase,
  batch: number,
): Conv2dGeometry {
  return conv2dGeometry([batch, inChannels, size, size], [outChannels, inChannels / groups, kernel, kernel], {
    stride,
    padding: (kernel - 1) / 2,
    groups,
  });
}
