/**
 * @file How the bytes of an image become a network's input: by named preprocessings, which a checkpoint keeps.
 */

import { oneOf, type Rule } from '../arguments.ts';
import type { ImageNormalization } from '../kernels/normalize-image.ts';
import type { ChannelOrder } from './image.ts';

/**
 * A preprocessing by name. `original`: blue first, `x / 255 · 2 − 1`. `imagenet`: red first, ImageNet's mean and deviation, as the
 * weights of torchvision and timm want it.
 */
export type Preprocessing = 'original' | 'imagenet';

/** What a preprocessing does. */
export interface PreprocessingSteps {
  /** The channel order that images are decoded to. */
  readonly order: ChannelOrder;
  /** What `normalizeImages` does with them. */
  readonly normalization: Required<ImageNormalization>;
}

/** Every preprocessing. Mean and deviation of ImageNet: torchvision's `transforms` of all its weights. */
export const PREPROCESSINGS: Readonly<Record<Preprocessing, PreprocessingSteps>> = {
  original: { order: 'bgr', normalization: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } },
  imagenet: { order: 'rgb', normalization: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } },
};

/** The names of all preprocessings. */
export const PREPROCESSING_NAMES = Object.keys(PREPROCESSINGS) as Preprocessing[];

/** The rule of a {@link Preprocessing}. */
export const PREPROCESSING: Rule = oneOf(...PREPROCESSING_NAMES);

/** What `normalizeImages` is to do with images of a preprocessing; by default the original's. */
export function normalizationOf(preprocessing: Preprocessing = 'original'): ImageNormalization {
  return PREPROCESSINGS[preprocessing].normalization;
}
