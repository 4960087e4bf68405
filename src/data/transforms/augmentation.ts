/**
 * @file What was drawn for the images of a batch, as the kernel takes it, and how it is done.
 */

import {
  checkArgument,
  checkOptions,
  listOf,
  type OptionRules,
  required,
  SEED,
  whole,
} from '../../arguments.ts';
import { augmentImages } from '../../autograd/ops.ts';
import { AUGMENTATION_LENGTH } from '../../kernels/augment-images.ts';
import type { ImageNormalization } from '../../kernels/normalize-image.ts';
import { Random } from '../../random.ts';
import { tensor } from '../../tensor/create.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { CHANNEL_ORDER, type ChannelOrder } from '../image.ts';
import { IDENTITY_AFFINE } from './affine-matrix.ts';
import { IDENTITY_COLORS } from './color-matrix.ts';
import { isMixed, mixClasses, mixLabels } from './mix-labels.ts';
import { type ImageDraw, TRANSFORM, type Transform } from './transform.ts';

/** For which images {@link drawAugmentation} draws. */
export interface AugmentationOptions {
  /** The numbers of the images in their set, in the order of the batch. */
  readonly samples: readonly number[];
  /** Side of the images in pixels. */
  readonly size: number;
  /** Channel order of the images, 'bgr' by default. */
  readonly order?: ChannelOrder;
  /** Seed of all draws, 0 by default. */
  readonly seed?: number;
  /** Each has draws of its own. */
  readonly epoch: number;
}

/** What was drawn for the images of a batch, and how it is done: pages whose batches have none do not load the code for it. */
export interface Augmentation {
  /** The numbers of each image, `[N, 24]`, as `augmentImages` takes them. */
  readonly parameters: Float32Array<ArrayBuffer>;
  /** Bytes `[N, size, size, 3]` as a network takes them, `[N, 3, size, size]`: moved, recoloured, cut out, mixed, and normalized. */
  apply(images: Tensor<'u8'>, normalization: ImageNormalization): Tensor;
  /**
   * The labels, mixed as their images are: numbers from 0 to 1, or probabilities `[N, classes]` where there is more than one class;
   * undefined where no image is mixed.
   */
  mixLabels(labels: Float32Array, classes: number): Float32Array<ArrayBuffer> | undefined;
}

const SAMPLES = listOf(whole(0, 2 ** 32 - 1), 'an array of whole numbers from 0');
const OPTIONS: OptionRules<AugmentationOptions> = {
  samples: required(SAMPLES),
  size: required(whole(1)),
  order: CHANNEL_ORDER,
  seed: SEED,
  epoch: required(whole(0, 2 ** 32 - 1)),
};

/** Sets the draws apart from the order of an epoch and from initial weights, which follow from the same seed. */
const KEY = 0x7472616e;
/** More numbers than an image takes. */
const NUMBERS_PER_IMAGE = 2 ** 16;

/**
 * Draws `transforms` for the images of a batch: the `augmentation` of a `Batch`. What is drawn for an image depends on the seed, the
 * epoch and its number alone, whichever batch it is in. Throws 'invalid-argument' for other arguments.
 */
export function drawAugmentation(transforms: Transform, options: AugmentationOptions): Augmentation {
  checkArgument('the transforms of drawAugmentation', transforms, TRANSFORM);
  checkOptions('drawAugmentation', options, OPTIONS);
  const { samples, size, order = 'bgr', seed = 0, epoch } = options;
  const parameters = new Float32Array(samples.length * AUGMENTATION_LENGTH);
  samples.forEach((sample, i) => {
    const state = { seed: (seed ^ KEY) >>> 0, stream: epoch, drawn: sample * NUMBERS_PER_IMAGE };
    const drawn = transforms.draw(Random.from(state));
    const partner = (i + 1) % samples.length;
    parameters.set(numbersOf(drawn, { size, order, partner }), i * AUGMENTATION_LENGTH);
  });
  return {
    parameters,
    apply: (images, normalization) => {
      const shape = [samples.length, AUGMENTATION_LENGTH];
      return augmentImages(images, tensor(images.device, parameters, shape), normalization);
    },
    mixLabels: (labels, classes) => {
      if (!isMixed(parameters)) return undefined;
      return classes > 1 ? mixClasses(labels, classes, parameters) : mixLabels(labels, parameters);
    },
  };
}

/** What `kernels/augment-images.ts` reads of an image: places in pixels, colours in bytes and in the order of memory. */
function numbersOf(
  { geometry = IDENTITY_AFFINE, color = IDENTITY_COLORS, erased = [0, 0, 0, 0], share = 1 }: ImageDraw,
  { size, order, partner }: { size: number; order: ChannelOrder; partner: number },
): number[] {
  const [a, b, c, d, e, f] = geometry;
  const channels = order === 'bgr' ? [2, 1, 0] : [0, 1, 2];
  const rows = channels.flatMap((row) => [
    ...channels.map((column) => color[4 * row + column]!),
    255 * color[4 * row + 3]!,
  ]);
  return [
    ...[a, b, c * size, share],
    ...[d, e, f * size, partner],
    ...rows,
    ...erased.map((side) => Math.round(side * size)),
  ];
}
