/**
 * @file The photographs of a training: read, checked, and what is odd about them said.
 */

import type { ClassSet } from '../../data/class-folders.ts';
import { DataLoader } from '../../data/data-loader.ts';
import { MAX_PIXELS } from '../../data/image-header.ts';
import { listed } from '../../data/listed.ts';
import { ImageDataset, type ImageDatasetOptions } from '../../data/node/image-dataset.ts';
import { findDuplicates, fingerprint, foldSamples, splitSamples } from '../../data/node/sample-files.ts';
import type { Split } from '../../data/split.ts';
import { check } from '../../errors.ts';
import type { TrainingSettings } from '../../train/checkpoint.ts';
import { readTrainingSet, readValidationSet } from '../data-sets.ts';
import { cacheIn } from '../decoding.ts';
import { print, warn } from '../output.ts';
import { fineTuningSettings } from './fine-tuning.ts';
import { recipeSettings, transformsNamed } from './recipe.ts';
import type { RunConfig } from './run-config.ts';

/** The two sets of a training. */
export interface TrainingData {
  /** The names of the classes, by label. */
  readonly classes: readonly string[];
  readonly training: DataLoader;
  readonly validation: DataLoader;
}

/** Reads the photographs, sets some aside where that is wanted, and prints what there is. Close the datasets of both loaders in the end. */
export async function openTrainingData(config: RunConfig): Promise<TrainingData> {
  const { batch, seed } = config;
  const { training, validation } = await readSets(config);
  describe('Training', training);
  describe('Validation', validation);
  if (config.val === undefined)
    print(
      'Set aside of the training photographs: byte-identical files are on one side; near-identical ones, which fovea data inspect finds, may be on both.',
    );
  const { length } = training.samples;
  if (length < batch)
    warn(
      `Warning: there are ${length} photographs to train on, fewer than a batch of ${batch}: every step takes all of them.`,
    );
  for (const group of await findDuplicates([...training.samples, ...validation.samples])) {
    print(`Byte-identical: ${group.map(({ name }) => name).join(' = ')}`);
  }
  const options = datasetOptionsOf(config);
  return {
    classes: training.classes,
    training: new DataLoader(new ImageDataset(training.samples, options), {
      batchSize: batch,
      shuffle: true,
      seed,
      transforms: transformsNamed(config.transforms ?? 'none'),
    }),
    validation: new DataLoader(new ImageDataset(validation.samples, options), { batchSize: batch }),
  };
}

/** How the settings have photographs decoded. */
export function datasetOptionsOf(config: RunConfig): ImageDatasetOptions {
  const { size, onCorrupt, maxPixels = MAX_PIXELS, decoder, preprocessing = 'original', cache } = config;
  return { size, onCorrupt, maxPixels, preprocessing, decoder, cache: cacheIn(cache) };
}

/** The two sets. Throws what their readers throw, and 'bad-data' where there is one class only. */
export async function readSets(
  config: RunConfig,
): Promise<{ readonly training: ClassSet; readonly validation: ClassSet }> {
  const all = await readTrainingSet(config);
  const split = config.val === undefined ? await divided(all, config) : undefined;
  const validation = split
    ? { ...all, samples: split.validation, passedOver: [], unlabelled: [] }
    : await readValidationSet(config, all.classes);
  const training = { ...all, samples: split?.training ?? all.samples };
  check(new Set(training.samples.map(({ label }) => label)).size > 1, 'bad-data', () => {
    return `${config.train} has photographs of one class only: there is nothing to tell apart.`;
  });
  return { training, validation };
}

/** The training photographs divided, as `--split` or `--folds` say. */
async function divided({ samples, classes }: ClassSet, config: RunConfig): Promise<Split> {
  const { split, folds, fold = 1, seed } = config;
  if (folds === undefined) return splitSamples(samples, { share: split ?? 0, seed, classes });
  const found = (await foldSamples(samples, { folds, seed, classes }))[fold - 1];
  check(found !== undefined, 'bad-file', () => `There is no fold ${fold} of ${folds}.`);
  return found;
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

function describe(set: string, { samples, passedOver, unlabelled, classes }: ClassSet): void {
  const counts = classes.map(
    (name, label) => `${samples.filter((sample) => sample.label === label).length} ${name}`,
  );
  print(
    `${set}: ${samples.length} photographs: ${counts.join(', ')}; ${passedOver.length} other files ignored`,
  );
  if (unlabelled.length > 0)
    warn(`Warning: ${unlabelled.length} images have no class, and are left out: ${listed(unlabelled)}`);
}
