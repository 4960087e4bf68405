/**
 * @file How the progress of a training is kept in files: as JSON, checked down to the last number where it is read or to be kept.
 */

import * as v from 'valibot';
import { isObject, type Rule } from '../arguments.ts';
import { record, ruleOf, wholeNumber } from '../io/validate.ts';
import { type EpochReport, PROGRESS, type TrainingProgress } from './progress.ts';

/** Reads JSON in which only numbers that are NaN or infinite were written as null. */
export function parseNumbers(json: string): unknown {
  return JSON.parse(json, (_, value) => (value === null ? Number.NaN : value));
}

/** Any number; NaN is what `parseNumbers` makes of null. */
export const anyNumber = v.custom<number>((value) => typeof value === 'number', 'a number');

const batchMean = record({
  batches: wholeNumber(0),
  samples: wholeNumber(0),
  sum: anyNumber,
  weightedSum: anyNumber,
});

const figures = { loss: anyNumber, accuracy: anyNumber, weightedAccuracy: anyNumber };

const confusion = record({
  truePositives: wholeNumber(0),
  falsePositives: wholeNumber(0),
  trueNegatives: wholeNumber(0),
  falseNegatives: wholeNumber(0),
  sensitivity: anyNumber,
  specificity: anyNumber,
});

/** What `parseNumbers` must give where an {@link EpochReport} is read. */
export const epochReport = record({
  epoch: wholeNumber(0),
  step: wholeNumber(0),
  training: record(figures),
  validation: record({
    ...figures,
    auc: anyNumber,
    confusion: v.exactOptional(confusion),
    confusionMatrix: v.exactOptional(v.array(v.array(wholeNumber(0), 'a list'), 'a list')),
  }),
}) satisfies v.GenericSchema<unknown, EpochReport>;

const means = v.record(v.string(), anyNumber, 'an object');

/** What a report of an epoch is where the loss and metrics are the user's. */
const meansReport = record({
  epoch: wholeNumber(0),
  step: wholeNumber(0),
  training: means,
  validation: means,
}) satisfies v.GenericSchema<unknown, EpochReport<Record<string, number>, Record<string, number>>>;

/** Those of photographs have an accuracy over all of them; others have means alone. */
function reportSchema(report: unknown): v.GenericSchema<unknown, EpochReport> {
  const training: unknown = isObject(report) && 'training' in report ? report.training : undefined;
  const isMeans = isObject(training) && !('weightedAccuracy' in training) && v.is(meansReport, report);
  // A progress is typed as one of photographs; whoever has other figures knows.
  return isMeans ? (meansReport as object as typeof epochReport) : epochReport;
}

/** What `parseNumbers` must give where a {@link TrainingProgress} is read. */
export const trainingProgress = record({
  step: wholeNumber(0),
  epoch: wholeNumber(0),
  batch: wholeNumber(0),
  loss: batchMean,
  accuracy: v.optional(batchMean),
  metrics: v.optional(v.record(v.string(), batchMean, 'an object')),
  history: v.array(v.lazy(reportSchema), 'a list'),
}) satisfies v.GenericSchema<unknown, TrainingProgress>;

/** A {@link TrainingProgress} that {@link trainingProgress} would read. */
export const STORABLE_PROGRESS: Rule = ruleOf(trainingProgress, PROGRESS.words);
