/**
 * @file Transforms that take something away: cut-out and mixup.
 */

import { checkArgument, checkOptions, type OptionRules, POSITIVE } from '../../arguments.ts';
import type { Random } from '../../random.ts';
import { drawSides } from './geometric.ts';
import { type NumberRange, PROBABILITY, rangeOf, text } from './ranges.ts';
import type { Transform } from './transform.ts';

/** How {@link randomErasing} draws. */
export interface RandomErasingOptions {
  /** In which share of the images, 0.5 by default. */
  readonly probability?: number;
  /** From the smallest to the largest share of the image's area; [0.02, 0.33] by default. */
  readonly scale?: NumberRange;
  /** From the smallest to the largest width over height; [0.3, 3.3] by default. */
  readonly ratio?: NumberRange;
}

const OPTIONS: OptionRules<RandomErasingOptions> = {
  probability: PROBABILITY,
  scale: rangeOf({ above: 0, most: 1 }),
  ratio: rangeOf({ above: 0 }),
};

/**
 * Cut-out: a rectangle of the image becomes 0 after normalization. Sources: T. DeVries and G. Taylor, "Improved regularization of
 * convolutional neural networks with cutout", 2017; Z. Zhong et al., "Random erasing data augmentation", AAAI 2020.
 */
export function randomErasing(options: RandomErasingOptions = {}): Transform {
  checkOptions('randomErasing', options, OPTIONS);
  const { probability = 0.5, scale = [0.02, 0.33], ratio = [0.3, 3.3] } = options;
  return {
    name: `randomErasing(${text({ probability, scale, ratio })})`,
    draw: (random) => {
      if (random.uniform() >= probability) return {};
      const [width, height] = drawSides(random, scale, ratio);
      const [left, top] = [random.uniform() * (1 - width), random.uniform() * (1 - height)];
      return { erased: [left, top, left + width, top + height] };
    },
  };
}

/**
 * Mixup: an image and its label become `share` of themselves and `1 − share` of the next one of the batch, the last one's next being
 * the first. The share is Beta(α, α) distributed, its larger half taken, so that the image's own label counts most. Source: H. Zhang
 * et al., "mixup: beyond empirical risk minimization", ICLR 2018.
 */
export function mixup(alpha = 0.2): Transform {
  checkArgument('the alpha of mixup', alpha, POSITIVE);
  return {
    name: `mixup(${alpha})`,
    draw: (random) => {
      const [x, y] = [gamma(random, alpha), gamma(random, alpha)];
      // Both may be below the smallest number where alpha is tiny: then one of them is all.
      const share = x + y > 0 ? x / (x + y) : 1;
      return { share: Math.max(share, 1 - share) };
    },
  };
}

/**
 * A gamma distributed number of shape `alpha`. Source: G. Marsaglia and W. Tsang, "A simple method for generating gamma variables",
 * 2000; below 1 it is the one of `alpha` + 1 times u^(1 / alpha).
 */
function gamma(random: Random, alpha: number): number {
  if (alpha < 1) return gamma(random, alpha + 1) * random.uniform() ** (1 / alpha);
  const d = alpha - 1 / 3;
  for (;;) {
    const x = random.normal();
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(1 - random.uniform()) < (x * x) / 2 + d - d * v + d * Math.log(v)) return d * v;
  }
}
