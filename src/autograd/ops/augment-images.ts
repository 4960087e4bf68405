/**
 * @file From bytes to a network's input, by way of the transforms that were drawn for each image.
 */

import { checkOptions } from '../../arguments.ts';
import { check } from '../../errors.ts';
import { AUGMENTATION_LENGTH, augmentImagesPlan } from '../../kernels/augment-images.ts';
import type { ImageNormalization } from '../../kernels/normalize-image.ts';
import { formatShape, sameShape } from '../../shape/shape.ts';
import { checkOneDevice, checkTensor } from '../../tensor/check-tensor.ts';
import { empty } from '../../tensor/create.ts';
import { runOverBatch, whole } from '../../tensor/run.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { checkImages, NORMALIZATION_OPTIONS } from './images.ts';

/**
 * As `normalizeImages`, of images `[N, H, W, 3]` that are moved, recoloured, cut out and mixed on the way, each by its 24 numbers in
 * `parameters`, `[N, 24]` of type f32: see `drawAugmentation`, which makes them. Places are sampled bilinearly, and black outside
 * the image. Without gradient. Throws 'shape-mismatch' for other shapes and types.
 */
export function augmentImages(
  images: Tensor<'u8'>,
  parameters: Tensor,
  options: ImageNormalization = {},
): Tensor {
  checkOptions('augmentImages', options, NORMALIZATION_OPTIONS);
  const [batch, height, width] = checkImages('augmentImages', images);
  checkTensor('augmentImages', 'parameters', parameters);
  checkOneDevice('augmentImages', [images, parameters]);
  const { shape, dtype } = parameters;
  const expected = [batch, AUGMENTATION_LENGTH];
  check(sameShape(shape, expected) && dtype === 'f32', 'shape-mismatch', () => {
    return `augmentImages takes parameters ${formatShape(expected)} (f32) for ${batch} images, got ${formatShape(shape)} (${dtype})`;
  });
  const y = empty(images.device, [batch, 3, height, width]);
  runOverBatch(
    batch,
    ({ first, images }) => augmentImagesPlan({ batch, first, images, height, width }, options),
    { bytes: whole(images), parameters: whole(parameters), y },
  );
  return y;
}
