/**
 * @file Puts the report of a training together.
 */

import { join } from 'node:path';
import type { ImageDataset } from '../../data/node/image-dataset.ts';
import type { Device } from '../../device/device.ts';
import type { Mistake, ReportContent } from '../../report/content.ts';
import { illustrateMistakes } from '../../report/mistake-pictures.ts';
import { worstMistakes } from '../../report/mistakes.ts';
import { renderReport } from '../../report/report.ts';
import { runContent } from '../../report/run-content.ts';
import { type Checkpoint, modelOfCheckpoint } from '../../train/checkpoint.ts';
import { loadCheckpoint } from '../../train/checkpoint-file.ts';
import { classesOf } from '../load-classifier.ts';

/** Where pictures of mistakes come from. */
export interface Pictures {
  readonly device: Device;
  /** The photographs that the predictions are of. */
  readonly dataset: ImageDataset;
}

/** The report of the training in folder `path`; with `pictures`, of its mistakes too. */
export async function reportOfRun(
  path: string,
  epoch: 'best' | 'last',
  pictures: Pictures | undefined,
): Promise<string> {
  const content = await runContent(path, { epoch });
  if (!content.predictions) return renderReport(content);
  const checkpoint = await loadCheckpoint(join(path, `${epoch}.safetensors`));
  return renderReport(await withMistakes(content, checkpoint, pictures));
}

/** `content` with the names of the classes and the mistakes, illustrated where `pictures` are wanted. */
export async function withMistakes(
  content: ReportContent,
  checkpoint: Checkpoint,
  pictures: Pictures | undefined,
): Promise<ReportContent> {
  const classes = classesOf(checkpoint.config);
  let mistakes: readonly Mistake[] = content.predictions ? worstMistakes(content.predictions) : [];
  if (pictures && mistakes.length > 0) {
    const model = modelOfCheckpoint(pictures.device, checkpoint);
    try {
      mistakes = await illustrateMistakes(mistakes, { model, dataset: pictures.dataset });
    } finally {
      model.dispose();
    }
  }
  return { ...content, classes, mistakes };
}
