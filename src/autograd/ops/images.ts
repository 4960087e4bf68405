/**
 * @file From bytes to a network's input.
 */

import { checkOptions, type OptionRules, type Rule } from '../../arguments.ts';
import { check } from '../../errors.ts';
import { type ImageNormalization, normalizeImagePlan } from '../../kernels/normalize-image.ts';
import { formatShape } from '../../shape/shape.ts';
import { checkTensor } from '../../tensor/check-tensor.ts';
import { empty } from '../../tensor/create.ts';
import { runOverBatch } from '../../tensor/run.ts';
import type { Tensor } from '../../tensor/tensor.ts';

const TRIPLE: Rule = {
  holds: (value) => Array.isArray(value) && value.length === 3 && [...value].every(Number.isFinite),
  words: 'three finite numbers',
};
/** The rules of {@link ImageNormalization}. */
export const NORMALIZATION_OPTIONS: OptionRules<ImageNormalization> = { mean: TRIPLE, std: TRIPLE };

/**
 * Interleaved images `[N, H, W, 3]` of type u8, row-major, to `[N, 3, H, W]` of type f32: `(x / 255 − mean) / std`
 * for each channel. By default mean and std are 0.5, which is the original's `x / 255 · 2 − 1`. Without gradient.
 */
export function normalizeImages(images: Tensor<'u8'>, options: ImageNormalization = {}): Tensor {
  checkOptions('normalizeImages', options, NORMALIZATION_OPTIONS);
  const [batch, height, width] = checkImages('normalizeImages', images);
  const y = empty(images.device, [batch, 3, height, width]);
  const plan = (images: number) => normalizeImagePlan(images * height * width, options);
  runOverBatch(batch, (chunk) => plan(chunk.images), { bytes: images, y });
  return y;
}

/** Batch, height and width of what op `what` is given. Throws 'shape-mismatch' unless it is bytes `[N, H, W, 3]`, row-major. */
export function checkImages(
  what: string,
  images: Tensor<'u8'>,
): readonly [batch: number, height: number, width: number] {
  checkTensor(what, 'images', images);
  const { shape, dtype, layout } = images;
  check(
    shape.length === 4 && shape[3] === 3 && dtype === 'u8' && layout === 'row-major',
    'shape-mismatch',
    () =>
      `${what} takes bytes [N, H, W, 3] in row-major layout, got ${formatShape(shape)} (${dtype}, ${layout})` +
      (layout === 'channels-last' && shape[3] === 3
        ? ": make it by tensor(device, bytes, shape, { layout: 'row-major' }), since four axes are taken for [N, C, H, W] else"
        : ''),
  );
  const [batch, height, width] = shape as [number, number, number, number];
  return [batch, height, width];
}
