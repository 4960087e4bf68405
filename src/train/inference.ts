/**
 * @file Runs a model in evaluation mode over batches: what evaluating and predicting share.
 */

import { noGrad } from '../autograd/graph.ts';
import { normalizeImages, sigmoid } from '../autograd/ops.ts';
import type { Batch } from '../data/data-loader.ts';
import type { Module } from '../nn/module.ts';
import { readTensors } from '../tensor/create.ts';
import { scope } from '../tensor/scope.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { TensorData } from '../tensor/values.ts';
import type { BatchSource } from './batch-source.ts';
import { uploadImages } from './step.ts';

/** Ends an evaluation early: it then throws the signal's reason. */
export interface InferenceOptions {
  readonly signal?: AbortSignal | undefined;
}

/** What a model says of some photographs. */
export interface Prediction {
  readonly names: readonly string[];
  /** Of class 1, one a photograph. */
  readonly probabilities: Float32Array;
}

/**
 * The probabilities of all photographs that `source` gives, running statistics in use. `model` is left in the
 * mode that it was in.
 */
export async function predict(
  model: Module,
  source: BatchSource,
  options: InferenceOptions = {},
): Promise<Prediction> {
  const names: string[] = [];
  const probabilities: number[] = [];
  const compute = (batch: Batch) => [sigmoid(model.call(normalizeImages(uploadImages(model.device, batch))))];
  for await (const { batch, values } of inference(model, source, compute, options)) {
    names.push(...batch.names);
    probabilities.push(...values[0]!);
  }
  return { names, probabilities: Float32Array.from(probabilities) };
}

/**
 * Reads what `compute` makes of each batch of epoch 0, with `model` in evaluation mode and without gradients.
 * A batch is read while the next one runs.
 */
export async function* inference(
  model: Module,
  source: BatchSource,
  compute: (batch: Batch) => Tensor[],
  { signal }: InferenceOptions = {},
): AsyncGenerator<{ batch: Batch; values: TensorData[] }, void, void> {
  const wasTraining = model.training;
  model.eval();
  try {
    let pending: { batch: Batch; reading: Promise<TensorData[]> } | undefined;
    for await (const batch of source.epoch(0)) {
      signal?.throwIfAborted();
      const reading = start(model, () => compute(batch));
      if (pending) yield { batch: pending.batch, values: await pending.reading };
      pending = { batch, reading };
    }
    if (pending) yield { batch: pending.batch, values: await pending.reading };
  } finally {
    if (wasTraining) model.train();
  }
}

/** Records `compute` and the copy of its results, which live no longer than that. */
function start({ device }: Module, compute: () => Tensor[]): Promise<TensorData[]> {
  const results = scope(device, () => noGrad(device, compute));
  const reading = readTensors(results);
  reading.catch(() => {}); // whoever awaits it gets the error
  for (const result of results) result.dispose();
  return reading;
}
