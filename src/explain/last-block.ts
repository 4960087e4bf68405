/**
 * @file The layer by which Grad-CAM is asked for unless another is named.
 */

import type { ResNet } from '../nn/resnet.ts';

/** The name of the last residual block: the layer that knows most of the class, and still of the place. */
export function lastBlockOf(model: ResNet): string {
  const last = model.blocks.at(-1);
  return model.namedModules().find(([, module]) => module === last)![0];
}
