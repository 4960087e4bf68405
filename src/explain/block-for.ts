/**
 * @file The layer by which Grad-CAM explains a ResNet unless another is named.
 */

import type { ResNet } from '../nn/resnet.ts';

/** Maps of a smaller side tell no places apart. */
const SMALLEST_MAP = 4;

/**
 * The name of the last residual block, which knows the most of the class; of images of small `size`, that of the last stage whose maps
 * are not smaller than {@link SMALLEST_MAP}. Stage s gives maps of a 4 · 2ˢ-th of the image's side.
 */
export function blockFor(model: ResNet, size: number): string {
  const stage = [3, 2, 1].find((stage) => size / (4 * 2 ** stage) >= SMALLEST_MAP) ?? 0;
  const names = model.namedModules().map(([name]) => name);
  return names.findLast((name) => name.startsWith(`bb_${stage}_`) && !name.includes('.'))!;
}
