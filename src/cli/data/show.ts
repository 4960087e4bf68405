/**
 * @file `fovea data show`
 */

import { Command } from 'commander';
import { counted } from '../../counted.ts';
import { MAX_PIXELS } from '../../data/image-header.ts';
import { ImageDataset } from '../../data/node/image-dataset.ts';
import { encodePng } from '../../data/png/encode-png.ts';
import type { AdapterKind } from '../../device/adapter-source.ts';
import { check } from '../../errors.ts';
import { writeFileAtomic } from '../../io/write-file.ts';
import { adapter, checkOutput, integer, MAX_PIXELS_HELP } from '../arguments.ts';
import { imagesAt } from '../images.ts';
import { openDevice } from '../open-device.ts';
import { print, warn } from '../output.ts';
import { TRANSFORMS_NAMES, type TransformsName, transforms, transformsNamed } from '../train/recipe.ts';
import { contactSheet } from './contact-sheet.ts';

interface Options {
  readonly out: string;
  readonly transforms: TransformsName;
  readonly draws: number;
  readonly size: number;
  readonly seed: number;
  readonly adapter: AdapterKind;
  readonly maxPixels: number;
}

/** The command `data show`. */
export const showCommand = new Command('show')
  .description('draw images as a training sees them: a row each, as it is and in one epoch after the other')
  .argument('<image...>', 'JPEG or PNG files')
  .requiredOption('--out <file>', 'PNG to write')
  .option('--transforms <name>', `random transforms: ${TRANSFORMS_NAMES.join(', ')}`, transforms, 'fundus')
  .option('--draws <n>', 'epochs, a column each', integer(1, 64), 7)
  .option('--size <pixels>', 'side of the scaled images', integer(8, 1024), 128)
  .option('--seed <n>', 'seed of the draws', integer(0, 2 ** 32 - 1), 1)
  .option('--adapter <kind>', 'auto, hardware or software', adapter, 'auto')
  .option('--max-pixels <n>', MAX_PIXELS_HELP, integer(1), MAX_PIXELS)
  .action(async (images: string[], { out, size, draws, seed, maxPixels, ...options }: Options) => {
    await checkOutput('--out', out);
    const samples = await imagesAt(images);
    const dataset = new ImageDataset(samples, { size, maxPixels, onCorrupt: 'skip' });
    const device = await openDevice(options.adapter);
    try {
      const drawing = { transforms: transformsNamed(options.transforms), draws, seed };
      const sheet = await contactSheet(device, dataset, drawing);
      for (const { reason } of dataset.corrupt) warn(reason);
      check(sheet.height > 0, 'bad-data', () => 'none of the images could be read');
      await writeFileAtomic(out, encodePng(sheet));
      print(
        `${out}: ${counted(sheet.height / size, 'image')}, ${counted(draws, 'draw')} of ${drawing.transforms?.name ?? 'no transforms'}`,
      );
      if (dataset.corrupt.length > 0) process.exitCode = 1;
    } finally {
      device.destroy();
      await dataset.close();
    }
  });
