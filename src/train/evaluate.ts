/**
 * @file How good a model is on labelled photographs.
 */

import { checkOptions, type OptionRules } from '../arguments.ts';
import type { Batch } from '../data/data-loader.ts';
import { check } from '../errors.ts';
import { auc } from '../judge/auc.ts';
import { confusionMatrix, macroAuc, predictedClasses } from '../judge/class-metrics.ts';
import type { Module } from '../nn/module.ts';
import { type AnyBatch, type BatchSource, samplesOf } from './batch-source.ts';
import {
  GatheredPredictions,
  INFERENCE_OPTIONS,
  type InferenceOptions,
  overBatches,
  type Prediction,
  probabilitiesOf,
} from './inference.ts';
import { BatchMean, binaryAccuracy, type Confusion, confusion } from './metrics.ts';
import { checkEvaluation } from './not-finite.ts';
import { computationOf, OBJECTIVE, type Objective, type ObjectiveOptions, objectiveOf } from './objective.ts';
import { forward } from './step.ts';

/** Figures of an epoch. */
export interface Figures {
  /** Mean over batches. */
  readonly loss: number;
  /** Mean over batches: a short last batch counts as much as a full one. */
  readonly accuracy: number;
  /** Mean over photographs. */
  readonly weightedAccuracy: number;
}

/** Figures of an evaluation. */
export interface EvaluationFigures extends Figures {
  /**
   * Area under the ROC curve, of several classes the mean over them of that of one against all others (see `macroAuc`); NaN where a
   * class is missing.
   */
  readonly auc: number;
  /** How often each prediction met each label, of two classes by one logit. */
  readonly confusion?: Confusion;
  /** The same of a model that gives a logit per class: `confusionMatrix[label][predicted]` photographs. */
  readonly confusionMatrix?: readonly (readonly number[])[];
}

/** The figures of an evaluation, and the prediction for each photograph. */
export interface Evaluation extends EvaluationFigures, Prediction {
  /** What the photographs show, class indexes, in the order of `names`. */
  readonly labels: Float32Array;
}

/** Means over samples: of the loss, and of each metric. */
export type Means<Name extends string> = Readonly<Record<'loss' | Name, number>>;

/** What {@link evaluate} takes beside a model and a source. */
export type EvaluateOptions<B extends AnyBatch = AnyBatch, Name extends string = string> = InferenceOptions &
  ObjectiveOptions<B, Name>;

const OPTIONS: OptionRules<EvaluateOptions> = { ...INFERENCE_OPTIONS, ...OBJECTIVE };

/**
 * Evaluates `model` on all samples of `source`: by default one that gives one logit per image, or one per class, on photographs;
 * given a loss or metrics, it gives their means. `model` is left in the mode that it was in. Throws 'bad-data' for a source without samples,
 * or a label that is no class of the model's, 'shape-mismatch' for a model that gives anything else, 'not-finite', naming the photographs and the layer, where the model computes
 * NaN or an infinite number, 'invalid-argument' for other arguments.
 */
export async function evaluate(
  model: Module,
  source: BatchSource,
  options?: InferenceOptions,
): Promise<Evaluation>;
export async function evaluate<B extends AnyBatch, Name extends string = never>(
  model: Module,
  source: BatchSource<B>,
  options: EvaluateOptions<B, Name>,
): Promise<Means<Name>>;
export async function evaluate(
  model: Module,
  source: BatchSource<AnyBatch>,
  options: EvaluateOptions = {},
): Promise<Evaluation | Means<string>> {
  checkOptions('evaluate', options, OPTIONS);
  const objective = objectiveOf(options);
  return objective.isDefault
    ? evaluatePhotographs(objective, model, source as BatchSource, options)
    : evaluateMeans(objective, model, source, options);
}

/** The mean loss and metrics over all samples. */
export async function evaluateMeans(
  objective: Objective,
  model: Module,
  source: BatchSource<AnyBatch>,
  options: InferenceOptions,
): Promise<Means<string>> {
  const names = ['loss', ...objective.names];
  const means = names.map(() => new BatchMean());
  const compute = (batch: AnyBatch) => {
    const { loss, metrics } = forward(objective, model, batch);
    return [loss, ...Object.values(metrics())];
  };
  let batches = 0;
  for await (const { batch, values } of overBatches(
    'evaluate',
    model,
    source,
    options,
    'evaluation',
    compute,
    objective.check,
  )) {
    batches++;
    await checkEvaluation(model, computationOf(objective, model, batch), new Float32Array(), values[0]![0]);
    means.forEach((mean, i) => {
      mean.add(values[i]![0]!, samplesOf(batch));
    });
  }
  check(batches > 0, 'bad-data', () => 'there is nothing to evaluate: the source gave no batch.');
  return Object.fromEntries(names.map((name, i) => [name, means[i]!.weightedMean])) as Means<string>;
}

/** The figures of one logit per photograph, or of one per class. */
async function evaluatePhotographs(
  objective: Objective,
  model: Module,
  source: BatchSource,
  options: InferenceOptions,
): Promise<Evaluation> {
  const loss = new BatchMean();
  const hits = new BatchMean();
  const labels: number[] = [];
  const gathered = new GatheredPredictions();
  const compute = (batch: Batch) => {
    const { outputs, loss } = forward(objective, model, batch);
    return [loss, outputs, probabilitiesOf(outputs)];
  };
  for await (const { batch, values } of overBatches(
    'evaluate',
    model,
    source,
    options,
    'evaluation',
    compute,
    objective.check,
  )) {
    const [[batchLoss], logits, probabilities] = values as [Float32Array, Float32Array, Float32Array];
    const { names } = batch;
    await checkEvaluation(model, computationOf(objective, model, batch), logits, batchLoss);
    loss.add(batchLoss!, names.length);
    hits.add(accuracyOf({ names, logits, probabilities }, batch.labels), names.length);
    labels.push(...batch.labels);
    gathered.add(names, logits, probabilities);
  }
  const prediction = gathered.prediction;
  check(prediction.names.length > 0, 'bad-data', () => {
    return 'there are no photographs to evaluate: the source gave no batch, or every image was skipped as corrupt.';
  });
  return {
    loss: loss.mean,
    accuracy: hits.mean,
    weightedAccuracy: hits.weightedMean,
    ...scoresOf(prediction, labels),
    ...prediction,
    labels: Float32Array.from(labels),
  };
}

/** The share of the photographs whose class is predicted. */
function accuracyOf(
  { names, logits, probabilities }: Pick<Prediction, 'names' | 'logits' | 'probabilities'>,
  labels: Float32Array,
): number {
  const classes = logits.length / names.length;
  if (classes === 1) return binaryAccuracy(probabilities, labels);
  const predicted = predictedClasses(logits, classes);
  return predicted.filter((c, i) => c === labels[i]).length / predicted.length;
}

function scoresOf(
  { classDim, logits, probabilities }: Prediction,
  labels: readonly number[],
): Pick<Evaluation, 'auc' | 'confusion' | 'confusionMatrix'> {
  // Logits keep their order where probabilities round to 1.
  if (classDim === 1) return { auc: auc(logits, labels), confusion: confusion(probabilities, labels) };
  return {
    auc: macroAuc(probabilities, labels, classDim),
    confusionMatrix: confusionMatrix(logits, labels, classDim),
  };
}
