/**
 * @file A small training that runs in a page; it is sent there as text, so it uses nothing from outside.
 */

import type * as Fovea from '../../src/browser.ts';

/** What a page's window has. */
interface PageWindow {
  readonly fovea: typeof Fovea;
  /** Crashes the GPU process of the browser. */
  readonly crashGpu: () => Promise<void>;
}

/** How it ended: its weights, and what it was told when the device was lost. */
export interface PageTraining {
  readonly reason: string;
  readonly lost: readonly string[];
  readonly weights: readonly (readonly [name: string, values: readonly number[]])[];
}

/** Trains for 32 steps; the GPU process crashes before those of `crashes`, which count from 0. */
export async function trainInPage(crashes: number[]): Promise<PageTraining> {
  const { fovea, crashGpu } = window as object as PageWindow;
  const device = await fovea.createDevice();
  fovea.manualSeed(device, 1);
  const model = new fovea.Sequential(device, [
    new fovea.Conv2D(device, { inChannels: 1, outChannels: 8, kernel: 3, padding: 1 }),
    new fovea.BatchNorm(device, { channels: 8, act: 'relu' }),
    new fovea.Dropout(device, { probability: 0.2 }),
    new fovea.Flatten(device),
    new fovea.Linear(device, { inFeatures: 8 * 8 * 8, outFeatures: 1 }),
  ]);
  const optimizer = new fovea.AdamW({ parameters: model.parameters(), learningRate: 0.01 });
  const random = new fovea.Random(2);
  const normal = (length: number) => Float32Array.from({ length }, () => random.normal());
  const loader = new fovea.ArrayLoader({
    inputs: { data: normal(32 * 64), shape: [32, 1, 8, 8] },
    targets: { data: normal(32), shape: [32, 1] },
    batchSize: 4,
    shuffle: true,
  });
  const training: Fovea.BatchSource<Fovea.ArrayBatch> = {
    length: loader.length,
    async *epoch(epoch, options) {
      for await (const batch of loader.epoch(epoch, options)) {
        if (crashes[0] === epoch * loader.length + batch.index) {
          crashes.shift();
          await crashGpu();
        }
        yield batch;
      }
    },
  };
  const lost: string[] = [];
  const { reason } = await fovea.fit({
    ...{ model, optimizer, training, validation: loader, epochs: 4 },
    loss: (outputs, targets) => fovea.mse(outputs, targets as Fovea.Tensor),
    recover: { every: 5 },
    onDeviceLost: ({ error }) => void lost.push(error.message),
  });
  const state = await model.stateDict();
  device.destroy();
  return { reason, lost, weights: [...state].map(([name, { data }]) => [name, [...data]]) };
}
