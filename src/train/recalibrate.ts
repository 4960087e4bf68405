/**
 * @file The running statistics of batch norms, computed anew from a data set under the weights as they are.
 *
 * In training they lag behind: after k steps they still hold 0.9ᵏ of their first values, and of the rest much that older
 * weights gave. Instead each batch norm takes the mean and the biased variance over all elements of all batches,
 *
 *     n = Σ nᵦ,   mean = Σ nᵦ·meanᵦ / n,   variance = Σ nᵦ·(varianceᵦ + (meanᵦ − mean)²) / n,
 *
 * where every batch is normalized by its own statistics on the way, as in training. This is PreciseBN; source: Y. Wu and
 * J. Johnson, "Rethinking 'Batch' in BatchNorm", 2021, section 3, whose σ² = E[μᵦ² + σᵦ²] − E[μᵦ]² is the same number.
 */

import { checkArgument, checkOptions, FUNCTION, type OptionRules } from '../arguments.ts';
import type { Batch } from '../data/data-loader.ts';
import { check } from '../errors.ts';
import type { BatchNorm } from '../nn/batch-norm.ts';
import { MODULE, type Module } from '../nn/module.ts';
import { type ObservedStatistics, observeStatistics } from '../nn/observe-statistics.ts';
import { upload } from '../tensor/create.ts';
import { lendGenerator } from '../tensor/generator.ts';
import type { AnyBatch, BatchSource } from './batch-source.ts';
import { INFERENCE_OPTIONS, type InferenceOptions, overBatches } from './inference.ts';
import { checkTraining } from './not-finite.ts';
import { computationOf, type Objective, type ObjectiveOptions, objectiveOf } from './objective.ts';

const OPTIONS: OptionRules<InferenceOptions & { readonly forward?: unknown }> = {
  ...INFERENCE_OPTIONS,
  forward: FUNCTION,
};

/**
 * Sets the running statistics of every `BatchNorm` of `model` to the exact mean and biased variance over all batches of
 * epoch 0 of `source`, the training set for instance, under the present weights. They then no longer depend on how the
 * training came here, and evaluation can be trusted after few steps. Nothing else of `model` changes; batch norms that it
 * does not call stay as they are.
 *
 * Where it throws, nothing has changed at all: 'bad-data' for a source without batches, or one whose batches give a batch
 * norm one element per channel only, 'shape-mismatch' for a model that does not give `[N, 1]`, 'not-finite' where it
 * computes NaN or an infinite number, and the reason of `signal`.
 */
export async function recalibrate<B extends AnyBatch = Batch>(
  model: Module,
  source: BatchSource<B>,
  options: InferenceOptions & Pick<ObjectiveOptions<B>, 'forward'> = {},
): Promise<void> {
  checkOptions('recalibrate', options, OPTIONS);
  return recalibrateBy(objectiveOf(options), model, source, options);
}

/** {@link recalibrate}, with batches passed through the model as `objective` has it. */
export async function recalibrateBy<B extends AnyBatch>(
  objective: Objective,
  model: Module,
  source: BatchSource<B>,
  options: InferenceOptions,
): Promise<void> {
  checkArgument('the model of recalibrate', model, MODULE);
  const giveBack = lendGenerator(model.device); // dropout draws
  try {
    await observeAll(objective, model, source, options);
  } finally {
    giveBack();
  }
}

async function observeAll<B extends AnyBatch>(
  objective: Objective,
  model: Module,
  source: BatchSource<B>,
  options: InferenceOptions,
): Promise<void> {
  const pooled = new Map<BatchNorm, PooledStatistics>();
  const observations = new WeakMap<AnyBatch, readonly ObservedStatistics[]>();
  const compute = (batch: B) => {
    const observed = observeStatistics(model, () => objective.forward(model, batch).outputs);
    observations.set(batch, observed);
    return observed.flatMap(({ mean, variance }) => [mean, variance]);
  };
  let batches = 0;
  for await (const { batch, values } of overBatches(
    'recalibrate',
    model,
    source,
    options,
    'training',
    compute,
    objective.check,
  )) {
    batches++;
    await checkTraining(model, computationOf(objective, model, batch), values as Float32Array[]);
    for (const [i, { name, layer, count }] of observations.get(batch)!.entries()) {
      const statistics = pooled.get(layer) ?? new PooledStatistics(name, layer.mean.tensor.size);
      pooled.set(layer, statistics);
      // One element has no variance: the op passes it on as it is.
      if (count > 1) statistics.add(count, values[2 * i]!, values[2 * i + 1]!);
    }
  }
  check(batches > 0, 'bad-data', () => 'recalibrate: the source gave no batch: give it photographs.');
  for (const { name, count } of pooled.values()) {
    check(count > 0, 'bad-data', () => {
      return `recalibrate: every batch gives ${name || 'the batch norm'} one element per channel only: give larger batches or images.`;
    });
  }
  for (const [layer, { mean, variance }] of pooled) {
    upload(layer.mean.tensor, Float32Array.from(mean));
    upload(layer.variance.tensor, Float32Array.from(variance));
  }
}

/**
 * Mean and biased variance per channel over several batches. Merged one by one, which cannot come out negative: T. Chan,
 * G. Golub and R. LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances", 1979.
 */
class PooledStatistics {
  readonly name: string;
  readonly mean: Float64Array;
  readonly variance: Float64Array;
  count = 0;

  constructor(name: string, channels: number) {
    this.name = name;
    this.mean = new Float64Array(channels);
    this.variance = new Float64Array(channels);
  }

  /** Takes in a batch of `count` elements per channel. */
  add(count: number, mean: ArrayLike<number>, variance: ArrayLike<number>): void {
    this.count += count;
    const share = count / this.count;
    for (let channel = 0; channel < this.mean.length; channel++) {
      const apart = mean[channel]! - this.mean[channel]!;
      this.mean[channel]! += share * apart;
      this.variance[channel] =
        (1 - share) * (this.variance[channel]! + share * apart * apart) + share * variance[channel]!;
    }
  }
}
