/**
 * @file The layer by which Grad-CAM explains a ResNet unless another is named.
 */

import { checkArgument, instanceOf, type Rule, whole } from '../arguments.ts';
import { ResNet } from '../nn/resnet.ts';

/** Maps of a smaller side tell no places apart. */
const SMALLEST_MAP = 4;

const RESNET: Rule = instanceOf(ResNet, 'a ResNet');
const SIZE = whole(1);

/**
 * The layer by which to explain a ResNet: the name of the last residual block, which knows the most of the class; of images of small `size`, that of the last stage whose maps
 * have 4 pixels a side at least. Stage s gives maps of a 4 · 2ˢ-th of the image's side. Throws 'invalid-argument' for other arguments.
 *
 *     const maps = await gradCam(model, images, { layer: blockFor(model, 224) });
 */
export function blockFor(model: ResNet, size: number): string {
  checkArgument('the model of blockFor', model, RESNET);
  checkArgument('the size of blockFor', size, SIZE);
  const stage = [3, 2, 1].find((stage) => size / (4 * 2 ** stage) >= SMALLEST_MAP) ?? 0;
  const names = model.namedModules().map(([name]) => name);
  return names.findLast((name) => name.startsWith(`bb_${stage}_`) && !name.includes('.'))!;
}
