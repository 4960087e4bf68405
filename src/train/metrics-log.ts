/**
 * @file `metrics.jsonl`: a line a step and a line an epoch, in the order in which they ended (Node).
 *
 *     {"kind":"step","step":1,"epoch":0,"batch":0,"samples":10,"learningRate":0.005,"loss":0.7,"accuracy":0.5}
 *     {"kind":"epoch","epoch":0,"step":40,"training":{…},"validation":{…}}
 *
 * Epochs and batches count from 0, steps from 1; a number that is NaN or infinite stands as null.
 */

import { appendFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { FoveaError } from '../errors.ts';
import { writeFileAtomic } from '../io/write-file.ts';
import type { StepReport } from './fit.ts';
import { type EpochReport, parseNumbers, type TrainingProgress } from './progress.ts';

/** A line of the file. */
export type MetricsLine = ({ kind: 'step' } & StepReport) | ({ kind: 'epoch' } & EpochReport);

/** Adds a line to the file, which is made if it is missing. */
export function appendMetrics(path: string, line: MetricsLine): void {
  appendFileSync(path, `${JSON.stringify(line)}\n`);
}

/**
 * The lines of the file; none if there is no file. A last line that was cut off as the process ended is left out;
 * any other that is not JSON is an error, 'bad-file'.
 */
export async function readMetrics(path: string): Promise<MetricsLine[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw new FoveaError('bad-file', `Cannot read ${path}: ${error.message}`, { cause: error });
  });
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line, i) => {
    try {
      return parseNumbers(line) as MetricsLine;
    } catch (cause) {
      throw new FoveaError('bad-file', `${path}: line ${i + 1} is not JSON: remove it.`, { cause });
    }
  });
}

/** Removes the lines of what was done after `progress`: it will be done again. */
export async function truncateMetrics(path: string, progress: TrainingProgress): Promise<void> {
  const lines = await readMetrics(path);
  const kept = lines.filter((line) =>
    line.kind === 'step' ? line.step <= progress.step : line.epoch < progress.epoch,
  );
  await writeFileAtomic(path, kept.map((line) => `${JSON.stringify(line)}\n`).join(''));
}
