/**
 * @file `metrics.jsonl`: a line per step and per epoch, in the order in which they ended (Node).
 *
 *     {"kind":"step","step":1,"epoch":0,"batch":0,"samples":10,"learningRate":0.005,"loss":0.7,"accuracy":0.5}
 *     {"kind":"epoch","epoch":0,"step":40,"training":{…},"validation":{…}}
 *
 * Epochs and batches count from 0, steps from 1; a number that is NaN or infinite stands as null.
 */

import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, writeFileSync } from 'node:fs';
import * as v from 'valibot';
import { checkArgument, PATH, type Rule } from '../arguments.ts';
import { FoveaError } from '../errors.ts';
import { readRegularFile } from '../io/read-file.ts';
import { oneOf, record, ruleOf, validated, wholeNumber } from '../io/validate.ts';
import { writeError, writeFileAtomic } from '../io/write-file.ts';
import type { StepReport } from './fit-options.ts';
import type { EpochReport, TrainingProgress } from './progress.ts';
import { anyNumber, epochReport, parseNumbers, STORABLE_PROGRESS } from './progress-format.ts';

/** Of what one string holds: some three million steps. */
const MAX_BYTES = 2 ** 29 - 24;

/** A line of the file. */
export type MetricsLine =
  | ({
      /** A report of `onStep`. */
      kind: 'step';
    } & StepReport)
  | ({
      /** A report of `onEpoch`. */
      kind: 'epoch';
    } & EpochReport);

const metricsLine = v.variant(
  'kind',
  [
    record({
      kind: oneOf(['step']),
      step: wholeNumber(1),
      epoch: wholeNumber(0),
      batch: wholeNumber(0),
      samples: wholeNumber(1),
      learningRate: anyNumber,
      loss: anyNumber,
      accuracy: anyNumber,
    }),
    record({ kind: oneOf(['epoch']), ...epochReport.entries }),
  ],
  'step or epoch',
) satisfies v.GenericSchema<unknown, MetricsLine>;

const LINE: Rule = ruleOf(
  metricsLine,
  "a report of fit's: { kind: 'step', … } of onStep, or { kind: 'epoch', … } of onEpoch",
);

/**
 * Adds a line to the file, which is made if it is missing. Throws 'bad-file', saying what to do, where it cannot be written;
 * no part of the line is left then.
 */
export function appendMetrics(path: string, line: MetricsLine): void {
  checkArgument('the path of appendMetrics', path, PATH);
  checkArgument('the line of appendMetrics', line, LINE);
  withFile(path, 'a', (file) => {
    const { size } = fstatSync(file);
    try {
      writeFileSync(file, `${JSON.stringify(line)}\n`);
    } catch (cause) {
      ftruncateSync(file, size);
      throw cause;
    }
  });
}

/** Forces the lines to the disk. Throws 'bad-file' where that fails. */
export function syncMetrics(path: string): void {
  withFile(path, 'a', fsyncSync);
}

/**
 * The lines of the file; none if there is no file. A last line that was cut off as the process ended is left out;
 * any other that is no line of such a file is an error, 'bad-file', that gives its number.
 */
export async function readMetrics(path: string): Promise<MetricsLine[]> {
  checkArgument('the path of readMetrics', path, PATH);
  const bytes = await readRegularFile('metrics', path, MAX_BYTES).catch((error: FoveaError) => {
    if ((error.cause as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  });
  const lines = bytes.toString('utf8').split('\n').slice(0, -1);
  return lines.map((line, i) => parseLine(line, `${path}: line ${i + 1}`));
}

/** Removes the lines of what was done after `progress`: it will be done again. */
export async function truncateMetrics(path: string, progress: TrainingProgress): Promise<void> {
  checkArgument('the path of truncateMetrics', path, PATH);
  checkArgument('the progress of truncateMetrics', progress, STORABLE_PROGRESS);
  const lines = await readMetrics(path);
  const kept = lines.filter((line) =>
    line.kind === 'step' ? line.step <= progress.step : line.epoch < progress.epoch,
  );
  await writeFileAtomic(path, kept.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

function parseLine(line: string, what: string): MetricsLine {
  let value: unknown;
  try {
    value = parseNumbers(line);
  } catch (cause) {
    throw new FoveaError('bad-file', `${what} is not JSON: remove it.`, { cause });
  }
  return validated(metricsLine, value, what);
}

function withFile(path: string, flags: string, use: (file: number) => void): void {
  try {
    const file = openSync(path, flags);
    try {
      use(file);
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    throw writeError(path, cause);
  }
}
