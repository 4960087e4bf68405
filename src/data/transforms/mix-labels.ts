/**
 * @file Labels that are mixed as their images are.
 */

import { AUGMENTATION_LENGTH } from '../../kernels/augment-images.ts';

/** The share of image `i` of a batch, and the number of the image that has the rest. */
const mixOf = (augmentation: Float32Array, i: number): { share: number; partner: number } => ({
  share: augmentation[i * AUGMENTATION_LENGTH + 3]!,
  partner: augmentation[i * AUGMENTATION_LENGTH + 7]!,
});

/** Whether any image of a batch is mixed with another. */
export function isMixed(augmentation: Float32Array): boolean {
  for (let i = 3; i < augmentation.length; i += AUGMENTATION_LENGTH) if (augmentation[i] !== 1) return true;
  return false;
}

/** Labels of 0 and 1, mixed: numbers between. */
export function mixLabels(labels: Float32Array, augmentation: Float32Array): Float32Array<ArrayBuffer> {
  return Float32Array.from(labels, (label, i) => {
    const { share, partner } = mixOf(augmentation, i);
    return share * label + (1 - share) * labels[partner]!;
  });
}

/** Class indexes, mixed: the probability of each class, `[N, classes]`. */
export function mixClasses(
  labels: Float32Array,
  classes: number,
  augmentation: Float32Array,
): Float32Array<ArrayBuffer> {
  const probabilities = new Float32Array(labels.length * classes);
  labels.forEach((label, i) => {
    const { share, partner } = mixOf(augmentation, i);
    probabilities[i * classes + label]! += share;
    probabilities[i * classes + labels[partner]!]! += 1 - share;
  });
  return probabilities;
}
