/**
 * @file The photographs of a training: read, checked, and what is odd about them said.
 */

import { counted } from '../../counted.ts';
import type { ClassSet } from '../../data/class-folders.ts';
import { DataLoader } from '../../data/data-loader.ts';
import { MAX_PIXELS } from '../../data/image-header.ts';
import { notIdentical } from '../../data/inspect/similar.ts';
import { listed } from '../../data/listed.ts';
import { ImageDataset, type ImageDatasetOptions } from '../../data/node/image-dataset.ts';
import { findDuplicates, fingerprint, foldSamples, splitSamples } from '../../data/node/sample-files.ts';
import type { Sample } from '../../data/sample.ts';
import type { Split } from '../../data/split.ts';
import { check } from '../../errors.ts';
import type { TrainingSettings } from '../../train/checkpoint.ts';
import { readTrainingSet, readValidationSet } from '../data-sets.ts';
import { cacheIn } from '../decoding.ts';
import { print, warn } from '../output.ts';
import { fineTuningSettings } from './fine-tuning.ts';
import { SimilarSearch } from './keep-together.ts';
import { recipeSettings, transformsNamed } from './recipe.ts';
import type { RunConfig } from './run-config.ts';

/** The two sets of a training. */
export interface TrainingData {
  /** The names of the classes, by label. */
  readonly classes: readonly string[];
  readonly training: DataLoader;
  readonly validation: DataLoader;
}

/**
 * Reads the photographs, sets some aside where that is wanted, and prints what there is. Close the datasets of both loaders in the end.
 * `search` remembers what it found for other folds.
 */
export async function openTrainingData(config: RunConfig, search?: SimilarSearch): Promise<TrainingData> {
  const { batch, seed } = config;
  const { training, validation, similar } = await readSets(config, search);
  describe('Training', training);
  describe('Validation', validation);
  if (config.val === undefined)
    print(
      config.keepTogether === 'similar'
        ? 'Set aside of the training photographs: near-identical ones are on one side. What else belongs together, photographs of one patient for instance, may be on both.'
        : 'Set aside of the training photographs: byte-identical files are on one side; near-identical ones, which fovea data inspect finds, may be on both.',
    );
  const { length } = training.samples;
  if (length < batch)
    warn(
      `Warning: ${counted(length, 'photograph')} to train on, fewer than a batch of ${batch}: every step takes all of them.`,
    );
  const identical = await findDuplicates([...training.samples, ...validation.samples]);
  for (const group of identical) print(`Byte-identical: ${sameLine(group)}`);
  for (const group of notIdentical(similar, identical)) print(`Near-identical: ${sameLine(group)}`);
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

const sameLine = (group: readonly Sample[]): string => group.map(({ name }) => name).join(' = ');

/** How the settings have photographs decoded. */
export function datasetOptionsOf(config: RunConfig): ImageDatasetOptions {
  const { size, onCorrupt, maxPixels = MAX_PIXELS, decoder, preprocessing = 'original', cache } = config;
  return { size, onCorrupt, maxPixels, preprocessing, decoder, cache: cacheIn(cache) };
}

/** The two sets of a training. */
export interface TrainingSets {
  readonly training: ClassSet;
  readonly validation: ClassSet;
  /** Groups of near-identical photographs, where they were looked for. */
  readonly similar: readonly (readonly Sample[])[];
}

/** The two sets. Throws what their readers throw, and 'bad-data' where there is one class only. */
export async function readSets(config: RunConfig, search = new SimilarSearch()): Promise<TrainingSets> {
  const { val, keepTogether, maxPixels = MAX_PIXELS } = config;
  const all = await readTrainingSet(config);
  const similar = keepTogether === 'similar' ? await search.among(all.samples, maxPixels) : [];
  const split = val === undefined ? await divided(all, similar, config) : undefined;
  const validation = split
    ? { ...all, samples: split.validation, passedOver: [], unlabelled: [] }
    : await readValidationSet(config, all.classes);
  const training = { ...all, samples: split?.training ?? all.samples };
  check(new Set(training.samples.map(({ label }) => label)).size > 1, 'bad-data', () => {
    return `${config.train} has photographs of one class only: there is nothing to tell apart.`;
  });
  return { training, validation, similar };
}

/** The training photographs divided, as `--split` or `--folds` say. */
async function divided(
  { samples, classes }: ClassSet,
  together: TrainingSets['similar'],
  config: RunConfig,
): Promise<Split> {
  const { split, folds, fold = 1, seed } = config;
  if (folds === undefined) return splitSamples(samples, { share: split ?? 0, seed, together, classes });
  const found = (await foldSamples(samples, { folds, seed, together, classes }))[fold - 1];
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
    `${set}: ${counted(samples.length, 'photograph')}: ${counts.join(', ')}; ${counted(passedOver.length, 'other file')} ignored`,
  );
  if (unlabelled.length > 0)
    warn(`Warning: left out ${counted(unlabelled.length, 'image')} without a class: ${listed(unlabelled)}`);
}
