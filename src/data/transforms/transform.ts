/**
 * @file What a transform is: it draws, for one image at a time, what is to be done with it. Nothing is computed on pixels here;
 * what several transforms draw becomes one matrix each for places and for colours, and a kernel does the rest in one pass.
 */

import { checkArgument, FUNCTION, isObject, type Rule, STRING } from '../../arguments.ts';
import { check } from '../../errors.ts';
import type { Random } from '../../random.ts';
import { type AffineMatrix, multiplyAffine } from './affine-matrix.ts';
import { type ColorMatrix, multiplyColors } from './color-matrix.ts';

/** A rectangle, in units of the image's side: `[0, 0, 1, 1]` is all of it. */
export type Rectangle = readonly [left: number, top: number, right: number, bottom: number];

/** What is to be done with an image; what is left out is not done. */
export interface ImageDraw {
  /** Takes places of the result to places in the source, both in units of the side, from the upper left corner. */
  readonly geometry?: AffineMatrix;
  /** Red, green and blue in units of 255. Results are clamped to what bytes hold. */
  readonly color?: ColorMatrix;
  /** What is cut out of the result: it becomes 0 after normalization, whatever moves the image. */
  readonly erased?: Rectangle;
  /** The image's own share where it is mixed with the next one of the batch, 1 by default. */
  readonly share?: number;
}

/** Draws what is to be done with an image. Write one of your own as an object of these two. */
export interface Transform {
  /** What it is, with its numbers: checkpoints keep it, so that a training is not resumed with other transforms. */
  readonly name: string;
  /** Draws for one image, from `random` alone, so that the same state draws the same. */
  draw(random: Random): ImageDraw;
}

/** A {@link Transform}. */
export const TRANSFORM: Rule = {
  holds: (value) =>
    isObject(value) && STRING.holds((value as Transform).name) && FUNCTION.holds((value as Transform).draw),
  words: 'a transform { name, draw }, as compose() makes one',
};

/**
 * One transform of several, in this order. Matrices are multiplied, so that an image is sampled once however many there are; colours
 * are clamped once, at the end. Throws 'invalid-argument' for what is no transform, and when two of them cut out, or two mix.
 */
export function compose(...transforms: readonly Transform[]): Transform {
  transforms.forEach((transform, i) => {
    checkArgument(`transform ${i} of compose`, transform, TRANSFORM);
  });
  return {
    name: `compose(${transforms.map(({ name }) => name).join(', ')})`,
    draw: (random) =>
      transforms.reduce<ImageDraw>((drawn, transform) => join(drawn, transform.draw(random), transform), {}),
  };
}

function join(first: ImageDraw, second: ImageDraw, { name }: Transform): ImageDraw {
  for (const key of ['erased', 'share'] as const)
    check(first[key] === undefined || second[key] === undefined, 'invalid-argument', () => {
      return `compose: ${name} draws what another transform before it has drawn (${key}): leave one of them out`;
    });
  return {
    ...first,
    ...second,
    ...(first.geometry && second.geometry && { geometry: multiplyAffine(first.geometry, second.geometry) }),
    ...(first.color && second.color && { color: multiplyColors(second.color, first.color) }),
  };
}
