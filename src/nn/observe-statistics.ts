/**
 * @file Looks at the statistics of batches as batch norms meet them.
 */

import { zeros } from '../tensor/create.ts';
import { keep } from '../tensor/scope.ts';
import { BatchNorm, type BatchStatistics } from './batch-norm.ts';
import type { Module } from './module.ts';

/** What one batch norm found in one batch; zeros where there was one element per channel. */
export interface ObservedStatistics extends BatchStatistics {
  /** The structured name of the batch norm. */
  readonly name: string;
  readonly layer: BatchNorm;
  /** Elements per channel. */
  readonly count: number;
}

/**
 * Runs `work`, in which the batch norms of `model` leave their running statistics alone. Returns the statistics of the
 * batches that those in train mode met, in the order of the calls; the caller disposes them.
 */
export function observeStatistics(model: Module, work: () => void): ObservedStatistics[] {
  const observed: ObservedStatistics[] = [];
  const layers: BatchNorm[] = [];
  for (const [name, layer] of model.namedModules()) {
    if (!(layer instanceof BatchNorm)) continue;
    layers.push(layer);
    layer.observer = ({ device, shape: [batch, channels, height, width] }) => {
      const zero = () => keep(zeros(device, [channels!]));
      const statistics = { mean: zero(), variance: zero() };
      observed.push({ name, layer, count: batch! * height! * width!, ...statistics });
      return statistics;
    };
  }
  try {
    work();
    return observed;
  } catch (error) {
    disposeStatistics(observed);
    throw error;
  } finally {
    for (const layer of layers) layer.observer = undefined;
  }
}

/** Frees what {@link observeStatistics} returned. */
export function disposeStatistics(observed: readonly BatchStatistics[]): void {
  for (const { mean, variance } of observed) {
    mean.dispose();
    variance.dispose();
  }
}
