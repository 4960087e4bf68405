/**
 * @file `fovea eval`
 */

import { Command } from 'commander';
import { counted } from '../counted.ts';
import { DataLoader } from '../data/data-loader.ts';
import { ImageDataset } from '../data/node/image-dataset.ts';
import type { AdapterKind } from '../device/adapter-source.ts';
import { writeFileAtomic } from '../io/write-file.ts';
import type { ReportContent, ReportFigures } from '../report/content.ts';
import { figuresOf, isJudgement } from '../report/figures.ts';
import { illustrateMistakes } from '../report/mistake-pictures.ts';
import { worstMistakes } from '../report/mistakes.ts';
import { renderReport } from '../report/report.ts';
import { type Checkpoint, modelOfCheckpoint } from '../train/checkpoint.ts';
import { type Evaluation, evaluate } from '../train/evaluate.ts';
import { adapter, checkOutput, fraction, integer, onCorrupt } from './arguments.ts';
import { challengeCsv } from './challenge-csv.ts';
import { addLayoutOptions, checkPaths, type DataOptions, readValidationSet } from './data-sets.ts';
import { addDecodingOptions, type DecodingOptions, datasetOptions } from './decoding.ts';
import { classesLines, judgementLines } from './judgement-tables.ts';
import { classesOf, loadClassifier } from './load-classifier.ts';
import { openDevice } from './open-device.ts';
import { evaluationLine, print } from './output.ts';
import { reportCorrupt } from './train/training-data.ts';

interface Options extends DataOptions, DecodingOptions {
  readonly checkpoint: string;
  readonly val: string;
  readonly batch: number;
  readonly adapter: AdapterKind;
  readonly onCorrupt: 'throw' | 'skip';
  readonly sensitivity: number;
  readonly json?: string;
  readonly csv?: string;
  readonly report?: string;
  readonly photographs: boolean;
}

/** The command `eval`. */
export const evalCommand = addDecodingOptions(
  addLayoutOptions(new Command('eval').description('evaluate a checkpoint on labelled photographs')),
)
  .requiredOption('--checkpoint <file>', 'checkpoint that `fovea train` wrote')
  .requiredOption('--val <path>', 'folder or zip of validation photographs (V….jpg)')
  .option('--labels <path>', 'table of their labels (CSV, xlsx), or a zip or folder with it')
  .option(
    '--sensitivity <share>',
    'look up the threshold that finds this share of the positives',
    fraction,
    0.95,
  )
  .option('--json <file>', 'write all figures there')
  .option('--csv <file>', 'write the probabilities there, as iChallenge-PM takes classification_results.csv')
  .option('--report <file>', 'write a report there, an HTML file with the most wrong photographs in it')
  .option('--no-photographs', 'leave the photographs out of the report')
  .option('--batch <n>', 'photographs per batch', integer(1, 4096), 10)
  .option('--adapter <kind>', 'auto, hardware or software', adapter, 'auto')
  .option('--on-corrupt <what>', 'what to do with damaged images: throw or skip', onCorrupt, 'throw')
  .action(async (options: Options) => {
    await checkPaths(options);
    for (const option of ['json', 'csv', 'report'] as const) {
      const path = options[option];
      if (path !== undefined) await checkOutput(`--${option}`, path);
    }
    const checkpoint = await loadClassifier(options.checkpoint);
    const { samples } = await readValidationSet(options, classesOf(checkpoint.config));
    const { onCorrupt } = options;
    const dataset = new ImageDataset(samples, { ...datasetOptions(checkpoint.config, options), onCorrupt });
    const device = await openDevice(options.adapter);
    try {
      const loader = new DataLoader(dataset, { batchSize: options.batch });
      const model = modelOfCheckpoint(device, checkpoint);
      const result = await evaluate(model, loader).finally(() => reportCorrupt(loader));
      print(`${counted(result.names.length, 'photograph')}: ${evaluationLine(result)}`);
      const classes = classesOf(checkpoint.config);
      const figures = figuresOf(result, classes, options.sensitivity);
      print('');
      for (const line of isJudgement(figures) ? judgementLines(figures) : classesLines(figures)) print(line);
      const { json, csv, report, photographs } = options;
      if (json) await writeFileAtomic(json, jsonOf(options.checkpoint, result, figures));
      if (csv) await writeFileAtomic(csv, challengeCsv(result, classes));
      if (report) {
        const mistakes = worstMistakes(result);
        const illustrated = photographs ? await illustrateMistakes(mistakes, { model, dataset }) : mistakes;
        const content = {
          ...contentOf(options, checkpoint, result),
          classes,
          figures,
          mistakes: illustrated,
        };
        await writeFileAtomic(report, await renderReport(content));
      }
    } finally {
      await dataset.close();
      device.destroy();
    }
  });

/** What is not defined is null. */
function jsonOf(checkpoint: string, evaluation: Evaluation, figures: ReportFigures): string {
  const { loss, accuracy, weightedAccuracy } = evaluation;
  return `${JSON.stringify({ checkpoint, loss, accuracy, weightedAccuracy, ...figures }, null, 2)}\n`;
}

function contentOf(options: Options, { config, progress }: Checkpoint, result: Evaluation): ReportContent {
  const { checkpoint, val, labels } = options;
  return {
    title: 'Evaluation report',
    subtitle: `ResNet-${config.layers}, ${config.size} × ${config.size} pixels, ${counted(result.names.length, 'photograph')}`,
    predictions: result,
    facts: [
      {
        title: 'Settings',
        entries: [
          ['checkpoint', checkpoint],
          ['steps trained', progress.step],
          ['photographs', val],
          ['labels', labels ?? 'the folders'],
          ['loss', result.loss],
        ],
      },
    ],
  };
}
