/**
 * @file What the package carries of an expected result: not its elements, but its norm and its products with four hashed
 * vectors.
 *
 * A vector r of independent numbers of mean 0 and variance 1 gives (r · e)² the mean |e|², so that |r · (y − ŷ)| measures how
 * far y is from ŷ, whichever elements differ: none has a weight of 0 in all four. That all four are less
 * than a thousandth of an error has a chance of about 10⁻¹². Results of up to four elements are determined.
 */

import { fnv1a, hashedUniform } from './hashed-values.ts';

/** The norm of a result, and its products with the hashed vectors. */
export type Figure = readonly [norm: number, ...products: number[]];

const SEEDS = [1, 2, 3, 4].map((number) => fnv1a(`direction ${number}`));

/** The figure of a result in logical order. */
export function figureOf(values: ArrayLike<number>): Figure {
  let squares = 0;
  const products = SEEDS.map(() => 0);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    squares += value * value;
    for (let k = 0; k < SEEDS.length; k++)
      products[k]! += value * Math.sqrt(3) * (2 * hashedUniform(i, SEEDS[k]!) - 1);
  }
  return [Math.sqrt(squares), ...products];
}

/** The norm of the difference between `values` and what `expected` is the figure of, over the latter's norm; NaN where a value is none. */
export function relativeErrorOf(values: ArrayLike<number>, [norm, ...expected]: Figure): number {
  const [, ...found] = figureOf(values);
  const differences = expected.map((product, k) => Math.abs(found[k]! - product));
  return Math.max(...differences) / norm;
}
