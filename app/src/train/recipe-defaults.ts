/**
 * @file The task `recipeDefaults`: what each recipe sets, so that the page's thread need not load the recipes.
 */

import { type RecipeName, recipes } from 'fovea';
import type { Task } from '../engine/protocol.ts';
import type { TrainSettings } from './settings.ts';

/** The settings by recipe. */
export const run: Task<void, Readonly<Record<RecipeName, TrainSettings>>> = async () => ({
  original: defaultsOf('original'),
  fundus: defaultsOf('fundus'),
});

function defaultsOf(recipe: RecipeName): TrainSettings {
  const { layers, size, batchSize, epochs, learningRate } = recipes[recipe];
  const rest = { seed: 1, maxSteps: 0, saveEvery: 60 };
  return { recipe, layers, size, batchSize, epochs, learningRate, ...rest };
}
