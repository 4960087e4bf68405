/**
 * @file Transforms that move images. Names and numbers are torchvision's.
 */

import { atLeast, checkArgument, checkOptions, type OptionRules } from '../../arguments.ts';
import type { Random } from '../../random.ts';
import { aboutMiddle } from './affine-matrix.ts';
import { type NumberRange, PROBABILITY, rangeOf, text, uniformOf } from './ranges.ts';
import type { Transform } from './transform.ts';

/** How {@link randomAffine} draws. */
export interface RandomAffineOptions {
  /** The largest angle, to either side, in degrees; 0 by default. */
  readonly degrees?: number;
  /** The largest shift, to each side, in units of the image's side; 0 by default. */
  readonly translate?: number;
  /** From the smallest to the largest scale: 2 makes what is seen twice as large. [1, 1] by default. */
  readonly scale?: NumberRange;
}

/** How {@link randomResizedCrop} draws. */
export interface RandomResizedCropOptions {
  /** From the smallest to the largest share of the image's area, at most 1; [0.08, 1] by default. */
  readonly scale?: NumberRange;
  /** From the smallest to the largest width over height; [3/4, 4/3] by default. */
  readonly ratio?: NumberRange;
}

const DEGREES = atLeast(0);
const SCALE = rangeOf({ above: 0 });
const AFFINE: OptionRules<RandomAffineOptions> = { degrees: DEGREES, translate: PROBABILITY, scale: SCALE };
const CROP: OptionRules<RandomResizedCropOptions> = { scale: rangeOf({ above: 0, most: 1 }), ratio: SCALE };

/** Turns left and right round in one image of `1 / probability`; in every second by default. */
export function randomHorizontalFlip(probability = 0.5): Transform {
  return flip('randomHorizontalFlip', probability, [-1, 0, 0, 1]);
}

/** Turns above and below round in one image of `1 / probability`; in every second by default. */
export function randomVerticalFlip(probability = 0.5): Transform {
  return flip('randomVerticalFlip', probability, [1, 0, 0, -1]);
}

/** Rotates about the middle by up to `degrees` to either side; 180 is any angle. What comes in from outside is black. */
export function randomRotation(degrees: number): Transform {
  checkArgument('the degrees of randomRotation', degrees, DEGREES);
  return { name: `randomRotation(${degrees})`, draw: affine({ degrees }) };
}

/** Rotates and scales about the middle, and shifts. What comes in from outside is black. */
export function randomAffine(options: RandomAffineOptions): Transform {
  checkOptions('randomAffine', options, AFFINE);
  return { name: `randomAffine(${text(options)})`, draw: affine(options) };
}

/**
 * A part of the image, scaled to the whole: its area, its ratio of sides and its place are drawn. Where ten draws do not fit into the
 * image, it is the largest square, in the middle.
 */
export function randomResizedCrop(options: RandomResizedCropOptions = {}): Transform {
  checkOptions('randomResizedCrop', options, CROP);
  const { scale = [0.08, 1], ratio = [3 / 4, 4 / 3] } = options;
  return {
    name: `randomResizedCrop(${text({ scale, ratio })})`,
    draw: (random) => {
      const [width, height] = drawSides(random, scale, ratio);
      const left = random.uniform() * (1 - width);
      const top = random.uniform() * (1 - height);
      return { geometry: [width, 0, left, 0, height, top] };
    },
  };
}

/** Width and height of a rectangle within the unit square, of a drawn area and a drawn ratio; the ratio's logarithm is uniform. */
export function drawSides(random: Random, area: NumberRange, ratio: NumberRange): readonly [number, number] {
  for (let trial = 0; trial < 10; trial++) {
    const drawnArea = uniformOf(random, area);
    const drawnRatio = Math.exp(uniformOf(random, [Math.log(ratio[0]), Math.log(ratio[1])]));
    const [width, height] = [Math.sqrt(drawnArea * drawnRatio), Math.sqrt(drawnArea / drawnRatio)];
    if (width <= 1 && height <= 1) return [width, height];
  }
  return [1, 1];
}

function flip(
  name: string,
  probability: number,
  matrix: readonly [number, number, number, number],
): Transform {
  checkArgument(`the probability of ${name}`, probability, PROBABILITY);
  return {
    name: `${name}(${probability})`,
    draw: (random) => (random.uniform() < probability ? { geometry: aboutMiddle(matrix) } : {}),
  };
}

/** The way back from the result to the source: the rotation the other way, and divided by the scale. */
function affine({ degrees = 0, translate = 0, scale = [1, 1] }: RandomAffineOptions): Transform['draw'] {
  return (random) => {
    const angle = (uniformOf(random, [-degrees, degrees]) * Math.PI) / 180;
    const factor = uniformOf(random, scale);
    const [cos, sin] = [Math.cos(angle) / factor, Math.sin(angle) / factor];
    const shift = [0, 0].map(() => uniformOf(random, [-translate, translate])) as [number, number];
    return { geometry: aboutMiddle([cos, sin, -sin, cos], shift) };
  };
}
