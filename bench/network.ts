/**
 * @file What the benchmarks of whole networks share: a ResNet, a batch of noise, kernel times as rows.
 */

import type { Batch } from '../src/data/data-loader.ts';
import type { KernelTime } from '../src/device/profiler.ts';
import type { ResNetLayers } from '../src/nn/resnet.ts';
import { Random } from '../src/random.ts';
import type { Row } from './results.ts';

/** Which network, on what. */
export interface NetworkOptions {
  readonly layers: ResNetLayers;
  /** Side of the images in pixels. */
  readonly size: number;
  readonly batch: number;
}

/** A batch of noise with alternating labels. */
export function noiseBatch({ size, batch }: NetworkOptions): Batch {
  const random = new Random(1);
  const names = Array.from({ length: batch }, (_, i) => `noise ${i}`);
  return {
    images: Uint8Array.from({ length: batch * size * size * 3 }, () => random.integer(256)),
    labels: Float32Array.from(names, (_, i) => i % 2),
    names,
    size,
    index: 0,
  };
}

/** A row for each kernel. */
export function kernelRows(times: readonly KernelTime[]): Row[] {
  const total = times.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  return times.map(({ name, dispatches, milliseconds }) => ({
    name: `kernel ${name}`,
    milliseconds,
    figures: { dispatches, '% of kernels': (100 * milliseconds) / total },
  }));
}
