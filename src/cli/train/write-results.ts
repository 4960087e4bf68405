/**
 * @file What a training leaves to be read when it ends: the model card and the report. What it came to is saved by then, and is not lost
 * for one of them that cannot be made; `fovea report` tries again.
 */

import type { DataLoader } from '../../data/data-loader.ts';
import type { Device } from '../../device/device.ts';
import { messageOf } from '../../errors.ts';
import { isJudgement } from '../../report/figures.ts';
import { illustrateMistakes } from '../../report/mistake-pictures.ts';
import { type CardSet, renderModelCard } from '../../report/model-card.ts';
import { renderReport } from '../../report/report.ts';
import { type RunContent, runContent } from '../../report/run-content.ts';
import { modelOfCheckpoint, type TrainingDescription } from '../../train/checkpoint.ts';
import { loadCheckpoint } from '../../train/checkpoint-file.ts';
import type { FitResult } from '../../train/fit.ts';
import { bestEpoch } from '../../train/progress.ts';
import type { RunFolder } from '../../train/run-folder.ts';
import { bestByOf } from '../../train/run-settings.ts';
import { classesOf } from '../load-classifier.ts';
import { warn } from '../output.ts';
import { judged } from '../report/judged.ts';
import type { RunConfig } from './run-config.ts';
import type { TrainingData } from './training-data.ts';

/** A training that has ended. */
export interface EndedTraining {
  readonly config: RunConfig;
  readonly about: TrainingDescription;
  readonly data: TrainingData;
  readonly device: Device;
  readonly result: FitResult;
}

/** Writes both, from one look at the folder. Who has interrupted the training does not wait for its report. */
export async function writeResults(folder: RunFolder, ended: EndedTraining): Promise<void> {
  const { reason, progress } = ended.result;
  const classes = classesOf(ended.about.config);
  const content = await attempt('model-card.md and no report.html', async () => {
    return judged(await runContent(folder.path), classes);
  });
  if (!content) return;
  await attempt('model-card.md', () => folder.writeModelCard(modelCard(ended, content)));
  if (reason === 'aborted' || progress.history.length === 0) return;
  await attempt('report.html', async () => folder.writeReport(await report(folder, ended, content)));
}

async function attempt<T>(file: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    warn(`No ${file}: ${messageOf(error)}`);
    return undefined;
  }
}

/** The card of the best epoch so far. */
function modelCard({ config, about, data, device, result }: EndedTraining, content: RunContent): string {
  const bestBy = bestByOf(config);
  const { history } = result.progress;
  const epoch = history[bestEpoch(history, bestBy)];
  const { figures, predictions } = content;
  const isOfBest = epoch !== undefined && predictions?.epoch === epoch.epoch;
  return renderModelCard({
    config: { ...about.config, classes: classesOf(about.config) },
    settings: about.settings,
    sets: [setOf('training', data.training), setOf('validation', data.validation)],
    ...{ epoch, bestBy, adapter: device.info.name },
    judgement: isOfBest && figures && isJudgement(figures) ? figures : undefined,
  });
}

const setOf = (name: string, { dataset }: DataLoader): CardSet => {
  return { name, labels: dataset.samples.map(({ label }) => label) };
};

async function report(
  folder: RunFolder,
  { config, data, device }: EndedTraining,
  content: RunContent,
): Promise<string> {
  const { mistakes = [] } = content;
  if (mistakes.length === 0 || config.photographs === false) return renderReport(content);
  const model = modelOfCheckpoint(device, await loadCheckpoint(folder.best));
  try {
    const { dataset } = data.validation;
    return await renderReport({
      ...content,
      mistakes: await illustrateMistakes(mistakes, { model, dataset }),
    });
  } finally {
    model.dispose();
  }
}
