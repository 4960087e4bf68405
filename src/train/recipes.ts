/**
 * @file Recipes: all that a training on fundus photographs needs beside the photographs. docs/recipes.md says how they were found.
 */

import {
  checkArgument,
  checkOptions,
  FUNCTION,
  type OptionRules,
  POSITIVE,
  required,
  whole,
} from '../arguments.ts';
import { colorJitter } from '../data/transforms/color-jitter.ts';
import { randomAffine, randomHorizontalFlip } from '../data/transforms/geometric.ts';
import { compose, type Transform } from '../data/transforms/transform.ts';
import { MODULE, type Module } from '../nn/module.ts';
import type { Parameter } from '../nn/parameter.ts';
import type { ResNetLayers } from '../nn/resnet.ts';
import { AdamW } from '../optim/adam.ts';
import { CosineDecay } from '../optim/cosine-decay.ts';
import { ExponentialMovingAverage } from '../optim/exponential-moving-average.ts';
import { Momentum } from '../optim/momentum.ts';
import type { Optimizer } from '../optim/optimizer.ts';
import { PolynomialDecay } from '../optim/polynomial-decay.ts';
import { splitByRate } from '../optim/split-by-rate.ts';
import { WarmUp } from '../optim/warm-up.ts';

/** What the schedule of a recipe follows from. */
export interface RecipeTraining {
  /** How many photographs there are to train on. */
  readonly samples: number;
  /** Photographs per step, those of the recipe by default. */
  readonly batchSize?: number | undefined;
  /** Epochs in all, those of the recipe by default. */
  readonly epochs?: number | undefined;
  /** The largest rate, that of the recipe by default. */
  readonly learningRate?: number | undefined;
  /** How many times the rate of the schedule a parameter's rate is, by default once: for a new last layer, for instance. */
  readonly rateFactor?: ((parameter: Parameter) => number) | undefined;
}

/** What updates a model, as `fit` takes it. */
export interface RecipeUpdates {
  /** Of the model's parameters, with its schedule. */
  readonly optimizer: Optimizer;
  /** Averages of the weights, where the recipe has any. */
  readonly average?: ExponentialMovingAverage;
}

/** A training by its settings: all can be taken apart and replaced one by one. */
export interface Recipe {
  /** Of the `ResNet`. */
  readonly layers: ResNetLayers;
  /** Side of the images in pixels. */
  readonly size: number;
  /** Photographs per step. */
  readonly batchSize: number;
  /** Epochs in all. */
  readonly epochs: number;
  /** The largest rate of its schedule. */
  readonly learningRate: number;
  /** Of the training photographs, undefined for none. */
  readonly transforms: Transform | undefined;
  /** Whether the schedule spans all epochs, so that a training cannot be resumed with more of them. */
  readonly spansEpochs: boolean;
  /**
   * Makes what updates `model`: `fit({ model, ...recipe.updates(model, { samples }), … })`; dispose both in the end. Throws
   * 'invalid-argument' for other arguments.
   */
  updates(model: Module, training: RecipeTraining): RecipeUpdates;
}

/** The name of a recipe. */
export type RecipeName = 'original' | 'fundus';

const TRAINING: OptionRules<RecipeTraining> = {
  samples: required(whole(1)),
  batchSize: whole(1),
  epochs: whole(1),
  learningRate: POSITIVE,
  rateFactor: FUNCTION,
};

const original: Recipe = {
  layers: 50,
  size: 224,
  batchSize: 10,
  epochs: 10,
  learningRate: 0.005,
  transforms: undefined,
  spansEpochs: false,
  updates(model, training) {
    checkTraining(model, training);
    const {
      samples,
      batchSize = original.batchSize,
      learningRate: initial = original.learningRate,
    } = training;
    // The original's span of the falling rate: two and a half epochs of one batch more than there are full ones.
    const steps = (Math.floor(samples / batchSize) + 1) * 2.5;
    const learningRate = new PolynomialDecay({ initial, steps, end: 0.001 });
    const group = { parameters: model.parameters() };
    const parameters = splitByRate([group], learningRate, training.rateFactor);
    return { optimizer: new Momentum({ parameters, learningRate }) };
  },
};

const fundus: Recipe = {
  layers: 18,
  size: 64,
  batchSize: 16,
  epochs: 30,
  learningRate: 0.001,
  transforms: /* @__PURE__ */ compose(
    /* @__PURE__ */ randomHorizontalFlip(),
    /* @__PURE__ */ randomAffine({ degrees: 180, translate: 0.05, scale: [0.8, 1.1] }),
    /* @__PURE__ */ colorJitter({ brightness: 0.15, contrast: 0.15, saturation: 0.15 }),
  ),
  spansEpochs: true,
  updates(model, training) {
    checkTraining(model, training);
    const { samples, batchSize = fundus.batchSize, epochs = fundus.epochs } = training;
    const { learningRate: initial = fundus.learningRate } = training;
    const steps = Math.ceil(samples / batchSize) * epochs;
    const rising = Math.max(1, Math.round(steps / 10));
    const schedule = new CosineDecay({ initial, steps: Math.max(1, steps - rising) });
    const parameters = model.parameters();
    // Scales, shifts and biases do not decay: they are few, and 0 is no better a value for them than any other.
    const isFilter = ({ shape }: { readonly shape: readonly number[] }) => shape.length > 1;
    const groups = [
      { parameters: parameters.filter(isFilter), weightDecay: 0.05 },
      { parameters: parameters.filter((parameter) => !isFilter(parameter)), weightDecay: 0 },
    ].filter(({ parameters }) => parameters.length > 0);
    const learningRate = new WarmUp({ steps: rising, start: 1 / (rising + 1), schedule });
    return {
      optimizer: new AdamW({
        parameters: splitByRate(groups, learningRate, training.rateFactor),
        learningRate,
      }),
      average: new ExponentialMovingAverage({ parameters, decay: 0.98 }),
    };
  },
};

/**
 * `original`: what the program that fovea comes from did. `fundus`: our own, found by measuring on iChallenge-PM, for small images and
 * without pretrained weights.
 */
export const recipes: Readonly<Record<RecipeName, Recipe>> = { original, fundus };

/** Every {@link RecipeName}. */
export const RECIPE_NAMES = Object.keys(recipes) as RecipeName[];

function checkTraining(model: Module, training: RecipeTraining): void {
  checkArgument('the model of a recipe', model, MODULE);
  checkOptions('updates of a recipe', training, TRAINING);
}
