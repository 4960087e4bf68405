/**
 * @file The settings of a training, as `config.json` keeps them.
 */

import { check } from '../errors.ts';
import type { ResNetLayers } from '../nn/resnet.ts';

/** The settings of a training. */
export interface RunConfig {
  /** Folder of the training photographs; absolute, as the next two. */
  readonly train: string;
  /** Folder of the validation photographs. */
  readonly val: string;
  /** Table of the validation labels. */
  readonly labels: string;
  readonly layers: ResNetLayers;
  /** Side of the images in pixels. */
  readonly size: number;
  /** Photographs a step. */
  readonly batch: number;
  readonly epochs: number;
  /** The learning rate of the first step. */
  readonly lr: number;
  readonly seed: number;
  readonly onCorrupt: 'throw' | 'skip';
  /** Whether each validation is preceded by `recalibrate` on the training set; missing where it is not. */
  readonly recalibrate?: boolean;
}

/** Settings that decide the weights: another value would be another training. */
const FIXED = ['layers', 'size', 'batch', 'lr', 'seed'] as const satisfies readonly (keyof RunConfig)[];

/**
 * The settings of a training to go on with: those kept, but for what is given anew. Throws 'invalid-argument' where
 * one of those decides the weights and differs.
 */
export function resumedConfig(kept: RunConfig, given: Partial<RunConfig>): RunConfig {
  for (const key of FIXED) {
    check(given[key] === undefined || given[key] === kept[key], 'invalid-argument', () => {
      return `--${key} is ${given[key]}, but the training to go on with has ${kept[key]}: leave it out, or start a new training.`;
    });
  }
  return { ...kept, ...given };
}
