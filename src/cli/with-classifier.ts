/**
 * @file What commands have in common that ask a checkpoint about images.
 */

import { DataLoader } from '../data/data-loader.ts';
import { ImageDataset } from '../data/node/image-dataset.ts';
import type { Sample } from '../data/sample.ts';
import type { AdapterKind } from '../device/adapter-source.ts';
import type { ResNet } from '../nn/resnet.ts';
import { modelOfCheckpoint } from '../train/checkpoint.ts';
import { type DecodingOptions, datasetOptions } from './decoding.ts';
import { reportDamaged } from './images.ts';
import { classesOf, loadClassifier } from './load-classifier.ts';
import { openDevice } from './open-device.ts';

/** Which checkpoint is asked, and how. */
export interface ClassifierOptions extends DecodingOptions {
  /** Its path. */
  readonly checkpoint: string;
  readonly adapter: AdapterKind;
  /** Images that are computed together. */
  readonly batchSize: number;
}

/** A checkpoint's model, and images as it takes them. */
export interface Classifier {
  readonly model: ResNet;
  readonly loader: DataLoader;
  /** The names of the classes, by label. */
  readonly classes: readonly string[];
}

/**
 * Has `use` ask the model of a checkpoint about `samples`. Images that cannot be read are left out, told on stderr at the end, and the exit
 * code is 1 then.
 */
export async function withClassifier(
  samples: readonly Sample[],
  { checkpoint: path, adapter, batchSize, ...decoding }: ClassifierOptions,
  use: (classifier: Classifier) => Promise<void>,
): Promise<void> {
  const checkpoint = await loadClassifier(path);
  const { config } = checkpoint;
  const dataset = new ImageDataset(samples, { ...datasetOptions(config, decoding), onCorrupt: 'skip' });
  const loader = new DataLoader(dataset, { batchSize });
  const device = await openDevice(adapter);
  try {
    await use({ model: modelOfCheckpoint(device, checkpoint), loader, classes: classesOf(config) });
    reportDamaged(loader);
  } finally {
    await dataset.close();
    device.destroy();
  }
}
