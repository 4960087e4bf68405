/**
 * @file The options `--recipe` and `--transforms`: what they are by default, and what checkpoints keep of them.
 */

import type { Transform } from '../../data/transforms/transform.ts';
import type { TrainingSettings } from '../../train/checkpoint.ts';
import { RECIPE_NAMES, type RecipeName, recipes } from '../../train/recipes.ts';
import { choice } from '../arguments.ts';

/** Transforms by name. */
const TRANSFORMS = { none: undefined, fundus: recipes.fundus.transforms } as const;

/** Which transforms there are. */
export type TransformsName = keyof typeof TRANSFORMS;

/** Every {@link TransformsName}. */
export const TRANSFORMS_NAMES = Object.keys(TRANSFORMS) as TransformsName[];

/** Parses `--recipe`. */
export const recipe = choice(RECIPE_NAMES);

/** Parses `--transforms`. */
export const transforms = choice(TRANSFORMS_NAMES);

/** What a recipe decides, by the names of the options. */
export interface RecipeDefaults {
  readonly recipe: RecipeName;
  readonly transforms: TransformsName;
  readonly layers: (typeof recipes)[RecipeName]['layers'];
  readonly size: number;
  readonly batch: number;
  readonly epochs: number;
  readonly lr: number;
}

/** The options that a recipe gives. */
export function defaultsOf(name: RecipeName): RecipeDefaults {
  const { layers, size, batchSize: batch, epochs, learningRate: lr, transforms } = recipes[name];
  const known = TRANSFORMS_NAMES.find((named) => TRANSFORMS[named] === transforms) ?? 'none';
  return { recipe: name, transforms: known, layers, size, batch, epochs, lr };
}

/** The default of an option, as its help has it. */
export function defaultText(option: keyof RecipeDefaults): string {
  const [first, ...others] = RECIPE_NAMES.map((name) => [name, defaultsOf(name)[option]] as const);
  const different = others.filter(([, value]) => value !== first![1]);
  return `(default: ${[first![1], ...different.map(([name, value]) => `${name}: ${value}`)].join(', ')})`;
}

/** The transforms of that name, undefined for none. */
export const transformsNamed = (name: TransformsName): Transform | undefined => TRANSFORMS[name];

/** What decides the weights, by the names that messages give. */
export function recipeSettings({
  recipe = 'original',
  transforms = 'none',
  epochs,
}: {
  readonly recipe?: RecipeName;
  readonly transforms?: TransformsName;
  readonly epochs: number;
}): TrainingSettings {
  return {
    recipe,
    transforms: TRANSFORMS[transforms]?.name ?? 'none',
    ...(recipes[recipe].spansEpochs && { epochs }),
  };
}
