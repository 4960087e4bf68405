/**
 * @file `fovea report`
 */

import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { ImageDataset } from '../../data/node/image-dataset.ts';
import type { Sample } from '../../data/sample.ts';
import type { AdapterKind } from '../../device/adapter-source.ts';
import { check, FoveaError } from '../../errors.ts';
import { writeFileAtomic } from '../../io/write-file.ts';
import type { Mistake } from '../../report/content.ts';
import { illustrateMistakes, photographOf } from '../../report/mistake-pictures.ts';
import { renderReport } from '../../report/report.ts';
import { runContent } from '../../report/run-content.ts';
import { type Checkpoint, modelOfCheckpoint } from '../../train/checkpoint.ts';
import { loadCheckpoint } from '../../train/checkpoint-file.ts';
import { adapter, checkOutput } from '../arguments.ts';
import { readTrainingSet, readValidationSet } from '../data-sets.ts';
import { classesOf } from '../load-classifier.ts';
import { openDevice } from '../open-device.ts';
import { print } from '../output.ts';
import { type RunConfig, readRunConfig } from '../train/run-config.ts';
import { foldFolder, holdsFolds } from '../train/run-folds.ts';
import { datasetOptionsOf } from '../train/training-data.ts';
import { judged } from './judged.ts';

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
    if (options.out !== undefined) await checkOutput('--out', out);
    await writeFileAtomic(out, await reportOf(run, options));
    print(out);
  });

async function reportOf(run: string, { epoch, photographs, adapter }: Options): Promise<string> {
  const found = await runContent(run, { epoch });
  if (!found.predictions) return renderReport(found);
  const checkpoint = await loadCheckpoint(join(run, `${epoch}.safetensors`));
  const content = judged(found, classesOf(checkpoint.config));
  const { mistakes = [] } = content;
  if (mistakes.length === 0 || photographs === false) return renderReport(content);
  const config = await readRunConfig(run);
  if (!(photographs ?? config.photographs ?? true)) return renderReport(content);
  return renderReport({ ...content, mistakes: await illustrated(mistakes, config, checkpoint, adapter) });
}

/** The mistakes with their pictures. A device is opened where there is one to draw. */
async function illustrated(
  mistakes: readonly Mistake[],
  config: RunConfig,
  checkpoint: Checkpoint,
  adapter: AdapterKind,
): Promise<readonly Mistake[]> {
  const samples = await validatedSamples(config, classesOf(checkpoint.config));
  const dataset = new ImageDataset(samples, { ...datasetOptionsOf(config), onCorrupt: 'skip' });
  try {
    if (!(await hasPhotograph(mistakes, dataset))) return mistakes;
    const device = await openDevice(adapter);
    try {
      const model = modelOfCheckpoint(device, checkpoint);
      return await illustrateMistakes(mistakes, { model, dataset });
    } finally {
      device.destroy();
    }
  } finally {
    await dataset.close();
  }
}

async function hasPhotograph(mistakes: readonly Mistake[], dataset: ImageDataset): Promise<boolean> {
  for (const mistake of mistakes) if (await photographOf(mistake, dataset)) return true;
  return false;
}

/** The photographs that were validated on; where those were set aside of the training photographs, all of these. */
async function validatedSamples(config: RunConfig, classes: readonly string[]): Promise<readonly Sample[]> {
  try {
    const set =
      config.val === undefined ? await readTrainingSet(config) : await readValidationSet(config, classes);
    return set.samples;
  } catch (cause) {
    if (!(cause instanceof FoveaError)) throw cause;
    const hint = 'To make the report without photographs: --no-photographs';
    throw new FoveaError(cause.code, `${cause.message} ${hint}`, { cause });
  }
}

function whichEpoch(text: string): 'best' | 'last' {
  if (text === 'best' || text === 'last') return text;
  throw new InvalidArgumentError('Choose one of best, last.');
}
