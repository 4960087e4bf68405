/**
 * @file Draws the course of a training into its folder (Node).
 */

import { join } from 'node:path';
import { FoveaError } from '../errors.ts';
import { writeFileAtomic } from '../io/write-file.ts';
import { readMetrics } from './metrics-log.ts';
import { lossCurveSvg } from './plot.ts';
import { FILES } from './run-files.ts';
import { svgToPng } from './svg-to-png.ts';

const PNG_WIDTH = 1920;

/**
 * Draws the metrics in the folder at `path`. Gives the reason where there can be no PNG of it, since the renderer does not load; the
 * SVG is there all the same.
 */
export async function drawCourse(path: string, subtitle: string): Promise<string | undefined> {
  const lines = await readMetrics(join(path, FILES.metrics));
  const training = lines.filter((line) => line.kind === 'step');
  const validation = lines
    .filter((line) => line.kind === 'epoch')
    .map(({ step, validation: { loss, accuracy, auc } }) => ({ step, loss, accuracy, auc }));
  const svg = lossCurveSvg({ title: 'Training', subtitle, training, validation });
  await writeFileAtomic(join(path, FILES.curveSvg), svg);
  try {
    await writeFileAtomic(join(path, FILES.curvePng), await svgToPng(svg, PNG_WIDTH));
  } catch (error) {
    if (!(error instanceof FoveaError && error.code === 'unsupported')) throw error;
    return error.message;
  }
  return undefined;
}
