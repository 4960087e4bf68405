/**
 * @file `fovea eval`
 */

import { Command } from 'commander';
import { DataLoader } from '../data/data-loader.ts';
import { ImageDataset } from '../data/dataset.ts';
import { readValidationFolder } from '../data/ichallenge-pm.ts';
import { MAX_PIXELS } from '../data/image-header.ts';
import type { AdapterKind } from '../device/adapter-source.ts';
import { modelOfCheckpoint } from '../train/checkpoint.ts';
import { evaluate } from '../train/evaluate.ts';
import { adapter, checkFolderOrFile, integer, MAX_PIXELS_HELP, onCorrupt } from './arguments.ts';
import { loadClassifier } from './load-classifier.ts';
import { openDevice } from './open-device.ts';
import { evaluationLine, print } from './output.ts';
import { reportCorrupt } from './train/training-data.ts';

interface Options {
  readonly checkpoint: string;
  readonly val: string;
  readonly labels: string;
  readonly batch: number;
  readonly adapter: AdapterKind;
  readonly maxPixels: number;
  readonly onCorrupt: 'throw' | 'skip';
}

/** The command `eval`. */
export const evalCommand = new Command('eval')
  .description('evaluate a checkpoint on labelled photographs')
  .requiredOption('--checkpoint <file>', 'checkpoint that `fovea train` wrote')
  .requiredOption('--val <path>', 'folder or zip of validation photographs (V….jpg)')
  .requiredOption('--labels <path>', 'table of their labels (CSV, xlsx), or a zip or folder with it')
  .option('--batch <n>', 'photographs per batch', integer(1, 4096), 10)
  .option('--adapter <kind>', 'auto, hardware or software', adapter, 'auto')
  .option('--on-corrupt <what>', 'what to do with damaged images: throw or skip', onCorrupt, 'throw')
  .option('--max-pixels <n>', MAX_PIXELS_HELP, integer(1), MAX_PIXELS)
  .action(async (options: Options) => {
    await checkFolderOrFile('--val', options.val);
    await checkFolderOrFile('--labels', options.labels);
    const checkpoint = await loadClassifier(options.checkpoint);
    const { size, channelOrder: order, preprocessing = 'original' } = checkpoint.config;
    const { samples } = await readValidationFolder(options.val, options.labels);
    const { onCorrupt, maxPixels } = options;
    const dataset = new ImageDataset(samples, { size, order, preprocessing, onCorrupt, maxPixels });
    const device = await openDevice(options.adapter);
    try {
      const loader = new DataLoader(dataset, { batchSize: options.batch });
      const result = await evaluate(modelOfCheckpoint(device, checkpoint), loader).finally(() =>
        reportCorrupt(loader),
      );
      print(`${result.names.length} photographs: ${evaluationLine(result)}`);
    } finally {
      await dataset.close();
      device.destroy();
    }
  });
