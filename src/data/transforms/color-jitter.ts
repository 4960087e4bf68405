/**
 * @file The transform of colours.
 */

import { atLeast, between, checkOptions, type OptionRules } from '../../arguments.ts';
import { multiplyColors, rotateHue, saturate, scaleColors } from './color-matrix.ts';
import { text, uniformOf } from './ranges.ts';
import type { Transform } from './transform.ts';

/** How {@link colorJitter} draws. Each is 0 by default. */
export interface ColorJitterOptions {
  /** Colours are multiplied by 1 − brightness to 1 + brightness. */
  readonly brightness?: number;
  /** The distance of colours from mid-grey is multiplied by 1 − contrast to 1 + contrast. */
  readonly contrast?: number;
  /** The distance of colours from grey of their brightness is multiplied by 1 − saturation to 1 + saturation. */
  readonly saturation?: number;
  /** Hues are turned by up to so much of a circle to either side, at most 0.5. */
  readonly hue?: number;
}

const AMOUNT = atLeast(0);
const OPTIONS: OptionRules<ColorJitterOptions> = {
  brightness: AMOUNT,
  contrast: AMOUNT,
  saturation: AMOUNT,
  hue: between(0, 0.5),
};

/**
 * Changes brightness, contrast, saturation and hue, in this order. As torchvision's `ColorJitter`, except that contrast is about
 * mid-grey and not about the image's mean, and that hue is turned by a matrix: each is linear, so that all are one pass.
 */
export function colorJitter(options: ColorJitterOptions): Transform {
  checkOptions('colorJitter', options, OPTIONS);
  const { brightness = 0, contrast = 0, saturation = 0, hue = 0 } = options;
  const factor = (amount: number) => [Math.max(0, 1 - amount), 1 + amount] as const;
  return {
    name: `colorJitter(${text(options)})`,
    draw: (random) => {
      const bright = scaleColors(uniformOf(random, factor(brightness)));
      const distance = uniformOf(random, factor(contrast));
      const contrasted = scaleColors(distance, (1 - distance) / 2);
      const saturated = saturate(uniformOf(random, factor(saturation)));
      const turned = rotateHue(uniformOf(random, [-hue, hue]));
      return {
        color: [bright, contrasted, saturated, turned].reduce((all, one) => multiplyColors(one, all)),
      };
    },
  };
}
