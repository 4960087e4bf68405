/**
 * @file `fovea report`
 */

import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { ImageDataset } from '../../data/node/image-dataset.ts';
import type { AdapterKind } from '../../device/adapter-source.ts';
import { check } from '../../errors.ts';
import { writeFileAtomic } from '../../io/write-file.ts';
import { adapter } from '../arguments.ts';
import { openDevice } from '../open-device.ts';
import { print } from '../output.ts';
import { readRunConfig } from '../train/run-config.ts';
import { foldFolder, holdsFolds } from '../train/run-folds.ts';
import { datasetOptionsOf, readSets } from '../train/training-data.ts';
import { reportOfRun } from './write-report.ts';

interface Options {
  readonly out?: string;
  readonly epoch: 'best' | 'last';
  readonly photographs?: boolean;
  readonly adapter: AdapterKind;
}

/** The command `report`. */
export const reportCommand = new Command('report')
  .description('write the report of a training, one HTML file')
  .argument('<run>', 'folder that `fovea train` wrote')
  .option('--out <file>', 'where to write it (default: report.html in that folder)')
  .option('--epoch <which>', 'whose predictions are judged: best or last', whichEpoch, 'best')
  .option('--no-photographs', 'leave out the photographs that were taken for something else')
  .option('--photographs', 'show them, though the training was begun with --no-photographs')
  .option('--adapter <kind>', 'auto, hardware or software: what computes their Grad-CAM', adapter, 'auto')
  .action(async (run: string, options: Options) => {
    check(!(await holdsFolds(run)), 'invalid-argument', () => {
      return `${run} holds folds: name one of them, such as ${foldFolder(run, 1)}. What they come to is in folds.json.`;
    });
    const out = options.out ?? join(run, 'report.html');
    await writeFileAtomic(out, await reportOf(run, options));
    print(out);
  });

async function reportOf(run: string, { epoch, photographs, adapter }: Options): Promise<string> {
  if (photographs === false) return reportOfRun(run, epoch, undefined);
  const config = await readRunConfig(run);
  if (!(photographs ?? config.photographs ?? true)) return reportOfRun(run, epoch, undefined);
  const { samples } = (await readSets(config)).validation;
  const dataset = new ImageDataset(samples, { ...datasetOptionsOf(config), onCorrupt: 'skip' });
  try {
    const device = await openDevice(adapter);
    try {
      return await reportOfRun(run, epoch, { device, dataset });
    } finally {
      device.destroy();
    }
  } finally {
    await dataset.close();
  }
}

function whichEpoch(text: string): 'best' | 'last' {
  if (text === 'best' || text === 'last') return text;
  throw new InvalidArgumentError('Choose one of best, last.');
}
