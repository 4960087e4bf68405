/**
 * @file `fovea predict`
 */

import { Command } from 'commander';
import { DataLoader } from '../data/data-loader.ts';
import { ImageDataset } from '../data/dataset.ts';
import { MAX_PIXELS } from '../data/image-header.ts';
import type { AdapterKind } from '../device/adapter-source.ts';
import { modelOfCheckpoint } from '../train/checkpoint.ts';
import { type Prediction, predict } from '../train/inference.ts';
import { predictedClass } from '../train/metrics.ts';
import { adapter, checkFile, integer, MAX_PIXELS_HELP } from './arguments.ts';
import { loadClassifier } from './load-classifier.ts';
import { openDevice } from './open-device.ts';
import { print } from './output.ts';

interface Options {
  readonly checkpoint: string;
  readonly json?: boolean;
  readonly adapter: AdapterKind;
  readonly maxPixels: number;
}

const BATCH_SIZE = 10;
const CLASSES = ['not pathologic', 'pathologic'] as const;

/** The command `predict`. */
export const predictCommand = new Command('predict')
  .description('estimate how likely photographs show pathologic myopia; not medical advice')
  .argument('<image...>', 'JPEG or PNG files')
  .requiredOption('--checkpoint <file>', 'checkpoint that `fovea train` wrote')
  .option('--json', 'one line of JSON per image')
  .option('--adapter <kind>', 'auto, hardware or software', adapter, 'auto')
  .option('--max-pixels <n>', MAX_PIXELS_HELP, integer(1), MAX_PIXELS)
  .action(async (images: string[], options: Options) => {
    for (const image of images) await checkFile('image', image);
    const checkpoint = await loadClassifier(options.checkpoint);
    const { size, channelOrder: order, preprocessing = 'original' } = checkpoint.config;
    // A loader's samples are labelled; predict() does not look at the label.
    const samples = images.map((path) => ({ name: path, path, label: 0 }));
    const dataset = new ImageDataset(samples, { size, order, preprocessing, maxPixels: options.maxPixels });
    const device = await openDevice(options.adapter);
    try {
      const loader = new DataLoader(dataset, { batchSize: BATCH_SIZE });
      printPrediction(await predict(modelOfCheckpoint(device, checkpoint), loader), options.json ?? false);
    } finally {
      await dataset.close();
      device.destroy();
    }
  });

function printPrediction({ names, probabilities }: Prediction, asJson: boolean): void {
  names.forEach((image, i) => {
    const probability = probabilities[i]!;
    const predicted = predictedClass(probability);
    if (asJson) print(JSON.stringify({ image, probability, class: predicted, label: CLASSES[predicted] }));
    else print(`${image}: ${CLASSES[predicted]}, probability of pathologic myopia ${probability.toFixed(4)}`);
  });
}
