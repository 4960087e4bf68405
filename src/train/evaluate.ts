/**
 * @file How good a model is on labelled photographs.
 */

import { sigmoid } from '../autograd/ops.ts';
import type { Batch } from '../data/data-loader.ts';
import { check } from '../errors.ts';
import type { Module } from '../nn/module.ts';
import type { BatchSource } from './batch-source.ts';
import { type InferenceOptions, overBatches, type Prediction } from './inference.ts';
import { auc, BatchMean, binaryAccuracy, type Confusion, checkLabels, confusion } from './metrics.ts';
import { checkEvaluation } from './not-finite.ts';
import { forward } from './step.ts';

/** Figures of an epoch. */
export interface Figures {
  /** Mean over batches, as the original has it. */
  readonly loss: number;
  /** Mean over batches, as the original has it: a short last batch counts as much as a full one. */
  readonly accuracy: number;
  /** Mean over photographs. */
  readonly weightedAccuracy: number;
}

/** Figures of an evaluation. */
export interface EvaluationFigures extends Figures {
  /** Area under the ROC curve; NaN where a class is missing. */
  readonly auc: number;
  readonly confusion: Confusion;
}

/** The figures of an evaluation and what was said of each photograph. */
export interface Evaluation extends EvaluationFigures, Prediction {
  readonly labels: Float32Array;
}

/**
 * Evaluates `model`, which gives one logit per image, on all photographs of `source`. `model` is left in the mode that it was
 * in. Throws 'bad-data' for a source without photographs, 'shape-mismatch' for a model of another `classDim`, 'not-finite',
 * naming the photographs and the layer, where the model computes something that is no number, 'invalid-argument' for what is
 * no model, source or batch.
 */
export async function evaluate(
  model: Module,
  source: BatchSource,
  options: InferenceOptions = {},
): Promise<Evaluation> {
  const loss = new BatchMean();
  const hits = new BatchMean();
  const names: string[] = [];
  const labels: number[] = [];
  const logits: number[] = [];
  const probabilities: number[] = [];
  const compute = (batch: Batch) => {
    checkLabels(batch.labels);
    const { logits, loss } = forward(model, batch);
    return [loss, logits, sigmoid(logits)];
  };
  for await (const { batch, values } of overBatches(
    'evaluate',
    model,
    source,
    options,
    'evaluation',
    compute,
  )) {
    const [[batchLoss], batchLogits, batchProbabilities] = values as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    await checkEvaluation(model, batch, batchLogits, batchLoss);
    loss.add(batchLoss!, batch.names.length);
    hits.add(binaryAccuracy(batchProbabilities, batch.labels), batch.names.length);
    names.push(...batch.names);
    labels.push(...batch.labels);
    logits.push(...batchLogits);
    probabilities.push(...batchProbabilities);
  }
  check(names.length > 0, 'bad-data', () => {
    return 'there are no photographs to evaluate: the source gave no batch, or every image was skipped as corrupt.';
  });
  return {
    loss: loss.mean,
    accuracy: hits.mean,
    weightedAccuracy: hits.weightedMean,
    // Logits keep their order where probabilities round to 1.
    auc: auc(logits, labels),
    confusion: confusion(probabilities, labels),
    probabilities: Float32Array.from(probabilities),
    labels: Float32Array.from(labels),
    names,
  };
}
