/**
 * @file `fovea predict`
 */

import { Command } from 'commander';
import { DataLoader } from '../data/data-loader.ts';
import { ImageDataset } from '../data/dataset.ts';
import { MAX_PIXELS } from '../data/image-header.ts';
import type { AdapterKind } from '../device/adapter-source.ts';
import { predictedClasses } from '../judge/class-metrics.ts';
import { modelOfCheckpoint } from '../train/checkpoint.ts';
import { type Prediction, predict } from '../train/inference.ts';
import { predictedClass } from '../train/metrics.ts';
import { adapter, checkFile, integer, MAX_PIXELS_HELP } from './arguments.ts';
import { classesOf, loadClassifier, PALM_CLASSES } from './load-classifier.ts';
import { openDevice } from './open-device.ts';
import { print } from './output.ts';

interface Options {
  readonly checkpoint: string;
  readonly json?: boolean;
  readonly adapter: AdapterKind;
  readonly maxPixels: number;
}

const BATCH_SIZE = 10;

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
      const prediction = await predict(modelOfCheckpoint(device, checkpoint), loader);
      printPrediction(prediction, classesOf(checkpoint.config), options.json ?? false);
    } finally {
      await dataset.close();
      device.destroy();
    }
  });

function printPrediction(
  { names, probabilities, classDim }: Prediction,
  classes: readonly string[],
  asJson: boolean,
): void {
  names.forEach((image, i) => {
    const row = probabilities.subarray(i * classDim, (i + 1) * classDim);
    const predicted = classDim === 1 ? predictedClass(row[0]!) : predictedClasses(row, classDim)[0]!;
    const label = classes[predicted]!;
    if (asJson) {
      const found = classDim === 1 ? { probability: row[0]! } : { probabilities: [...row] };
      print(JSON.stringify({ image, ...found, class: predicted, label }));
    } else print(`${image}: ${label}, ${shown(row, classes)}`);
  });
}

/** The probability of the second of two classes, or of each of several. */
function shown(row: Float32Array, classes: readonly string[]): string {
  if (row.length === 1) {
    const what = classes === PALM_CLASSES ? 'pathologic myopia' : classes[1];
    return `probability of ${what} ${row[0]!.toFixed(4)}`;
  }
  return [...row].map((probability, label) => `${classes[label]} ${probability.toFixed(4)}`).join(', ');
}
