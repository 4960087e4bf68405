/**
 * @file The photographs of a training: read, checked, and what is odd about them said.
 */

import { DataLoader } from '../../data/data-loader.ts';
import { ImageDataset } from '../../data/dataset.ts';
import { findDuplicates } from '../../data/duplicates.ts';
import { fingerprint } from '../../data/fingerprint.ts';
import { type Folder, readTrainingFolder, readValidationFolder } from '../../data/ichallenge-pm.ts';
import { MAX_PIXELS } from '../../data/image-header.ts';
import type { TrainingSettings } from '../../train/checkpoint.ts';
import { print, warn } from '../output.ts';
import { fineTuningSettings } from './fine-tuning.ts';
import { recipeSettings, transformsNamed } from './recipe.ts';
import type { RunConfig } from './run-config.ts';

/** The two sets of a training. */
export interface TrainingData {
  readonly training: DataLoader;
  readonly validation: DataLoader;
}

/** Reads both folders and prints what they hold. Close the datasets of both loaders in the end. */
export async function openTrainingData(config: RunConfig): Promise<TrainingData> {
  const { train, val, labels, batch, seed, size, onCorrupt, maxPixels = MAX_PIXELS } = config;
  const { decoder, preprocessing = 'original' } = config;
  const cache = config.cache === undefined ? undefined : { folder: config.cache, onWarning: warn };
  const training = await readTrainingFolder(train);
  const validation = await readValidationFolder(val, labels);
  describe('Training', training);
  describe('Validation', validation);
  for (const group of await findDuplicates([...training.samples, ...validation.samples])) {
    print(`Byte-identical: ${group.map(({ name }) => name).join(' = ')}`);
  }
  const options = { size, onCorrupt, maxPixels, preprocessing, decoder, cache };
  return {
    training: new DataLoader(new ImageDataset(training.samples, options), {
      batchSize: batch,
      shuffle: true,
      seed,
      transforms: transformsNamed(config.transforms ?? 'none'),
    }),
    validation: new DataLoader(new ImageDataset(validation.samples, options), { batchSize: batch }),
  };
}

/** What decides the weights beside the network, by the names that messages give. */
export async function settingsOf(
  config: RunConfig,
  { training, validation }: TrainingData,
): Promise<TrainingSettings> {
  const { batch, lr, seed } = config;
  return {
    ...recipeSettings(config),
    batch,
    lr,
    seed,
    decoder: training.dataset.decoder,
    ...fineTuningSettings(config),
    'training photographs': await fingerprint(training.dataset.samples),
    'validation photographs': await fingerprint(validation.dataset.samples),
  };
}

/** Prints the photographs that were left out. */
export function reportCorrupt({ dataset }: DataLoader): void {
  for (const { name, reason } of dataset.corrupt) print(`Skipped ${name}: ${reason}`);
}

function describe(set: string, { samples, passedOver }: Folder): void {
  const positives = samples.filter(({ label }) => label === 1).length;
  print(
    `${set}: ${samples.length} photographs, ${positives} pathologic; ` +
      `${passedOver.length} other files ignored`,
  );
}
