/**
 * @file The settings of a training, as the page's form has them.
 */

import type { RecipeName, ResNetLayers } from 'fovea';

/** The depths of ResNet that there are. */
export const LAYERS: readonly ResNetLayers[] = [18, 34, 50, 101, 152];

/** All that decides a training beside the photographs. */
export interface TrainSettings {
  readonly recipe: RecipeName;
  readonly layers: ResNetLayers;
  /** Side of the images in pixels. */
  readonly size: number;
  /** Photographs per step. */
  readonly batchSize: number;
  readonly epochs: number;
  /** The largest learning rate. */
  readonly learningRate: number;
  readonly seed: number;
  /** Ends the training after so many steps; 0 for none. */
  readonly maxSteps: number;
  /** Seconds between two snapshots, from which a training is resumed. */
  readonly saveEvery: number;
}

/** The least and the greatest values, and the step between two, of settings that are numbers. */
export const RANGES: Readonly<
  Record<Exclude<keyof TrainSettings, 'recipe' | 'layers'>, readonly [least: number, most: number]>
> = {
  size: [32, 1024],
  batchSize: [1, 512],
  epochs: [1, 10_000],
  learningRate: [0.000001, 10],
  seed: [0, 2 ** 32 - 1],
  maxSteps: [0, 10_000_000],
  saveEvery: [1, 3600],
};

/** A setting that is a number. */
export type NumberSetting = keyof typeof RANGES;

/** The settings that are out of range. */
export function wrongSettings(settings: TrainSettings): NumberSetting[] {
  return (Object.keys(RANGES) as NumberSetting[]).filter((name) => {
    const [least, most] = RANGES[name];
    const value = settings[name];
    const isWhole = name === 'learningRate' || Number.isInteger(value);
    return !(isWhole && value >= least && value <= most);
  });
}

/** Steps in all, with so many photographs to train on. */
export function stepsOf({ batchSize, epochs, maxSteps }: TrainSettings, photographs: number): number {
  const all = Math.ceil(photographs / batchSize) * epochs;
  return maxSteps > 0 ? Math.min(all, maxSteps) : all;
}
