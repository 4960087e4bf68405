/**
 * @file Runs a model over batches without gradients, for `evaluate`, `predict` and `recalibrate`.
 */

import { checkArgument, checkOptions, type OptionRules, SIGNAL, type StopSignal } from '../arguments.ts';
import { noGrad } from '../autograd/graph.ts';
import { sigmoid, softmax } from '../autograd/ops.ts';
import type { Batch } from '../data/data-loader.ts';
import { MODULE, type Module } from '../nn/module.ts';
import { readTensors } from '../tensor/create.ts';
import { scope } from '../tensor/scope.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { TensorData } from '../tensor/values.ts';
import {
  type AnyBatch,
  BATCH_SOURCE,
  type BatchSource,
  batchesOf,
  checkBatch,
  withoutAugmentation,
} from './batch-source.ts';
import { holdMode, type Mode } from './mode.ts';
import { checkEvaluation } from './not-finite.ts';
import { logitsOf } from './photographs.ts';

/** Ends an evaluation early: it then throws the signal's reason. */
export interface InferenceOptions {
  /** Looked at after every batch. */
  readonly signal?: StopSignal | undefined;
}

export const INFERENCE_OPTIONS: OptionRules<InferenceOptions> = { signal: SIGNAL };

/** A model's predictions for some photographs. */
export interface Prediction {
  /** The file names of the photographs. */
  readonly names: readonly string[];
  /** How many numbers the model gives per photograph: 1 for two classes, else as many as there are classes. */
  readonly classDim: number;
  /** What the model gave, `[N · classDim]`, photograph by photograph. */
  readonly logits: Float32Array;
  /** Of class 1, one per photograph; with a `classDim` above 1 of every class, `[N · classDim]`, photograph by photograph. */
  readonly probabilities: Float32Array;
}

/**
 * The probabilities of all photographs that `source` gives, by the running statistics: the sigmoid of one logit per image, or the
 * softmax of a logit per class. `model` is left in the mode that it was in. Throws 'shape-mismatch' for a model that gives anything
 * else, 'not-finite', naming the photographs and the layer, where the model computes NaN or an infinite number.
 */
export async function predict(
  model: Module,
  source: BatchSource,
  options: InferenceOptions = {},
): Promise<Prediction> {
  checkOptions('predict', options, INFERENCE_OPTIONS);
  const gathered = new GatheredPredictions();
  const compute = (batch: Batch) => {
    const logits = logitsOf(model, batch);
    return [logits, probabilitiesOf(logits)];
  };
  for await (const { batch, values } of overBatches(
    'predict',
    model,
    source,
    options,
    'evaluation',
    compute,
    checkBatch,
  )) {
    const [logits, probabilities] = values as [Float32Array, Float32Array];
    await checkEvaluation(model, { names: batch.names, run: () => logitsOf(model, batch) }, logits);
    gathered.add(batch.names, logits, probabilities);
  }
  return gathered.prediction;
}

/** The probabilities that logits `[N, K]` stand for. */
export function probabilitiesOf(logits: Tensor): Tensor {
  return logits.shape[1] === 1 ? sigmoid(logits) : softmax(logits);
}

/** Predictions that come batch by batch. */
export class GatheredPredictions {
  readonly #names: string[] = [];
  readonly #logits: number[] = [];
  readonly #probabilities: number[] = [];

  /** Adds those of a batch. */
  add(names: readonly string[], logits: Float32Array, probabilities: Float32Array): void {
    this.#names.push(...names);
    this.#logits.push(...logits);
    this.#probabilities.push(...probabilities);
  }

  /** All of them; of no photograph, `classDim` is 1. */
  get prediction(): Prediction {
    return {
      names: this.#names,
      classDim: this.#names.length > 0 ? this.#logits.length / this.#names.length : 1,
      logits: Float32Array.from(this.#logits),
      probabilities: Float32Array.from(this.#probabilities),
    };
  }
}

/**
 * Reads what `compute` makes of each batch of epoch 0, with `model` in `mode` and without gradients; images are as they
 * are, whatever transforms drew for them. A batch is read while the next one runs. All modules are left in the mode that they were in. Throws 'invalid-argument' unless `what` was given a
 * model, a source and options.
 */
export async function* overBatches<B extends AnyBatch>(
  what: string,
  model: Module,
  source: BatchSource<B>,
  { signal }: InferenceOptions,
  mode: Mode,
  compute: (batch: B) => Tensor[],
  checkOne: (what: string, batch: B) => void,
): AsyncGenerator<{ batch: B; values: TensorData[] }, void, void> {
  checkArgument(`the model of ${what}`, model, MODULE);
  checkArgument(`the source of ${what}`, source, BATCH_SOURCE);
  const release = holdMode(model, mode);
  try {
    let pending: { batch: B; reading: Promise<TensorData[]> } | undefined;
    for await (const given of batchesOf(what, source, 0, checkOne)) {
      signal?.throwIfAborted();
      const batch = withoutAugmentation(given);
      const reading = start(model, () => compute(batch));
      if (pending) yield { batch: pending.batch, values: await pending.reading };
      pending = { batch, reading };
    }
    if (pending) yield { batch: pending.batch, values: await pending.reading };
  } finally {
    release();
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
