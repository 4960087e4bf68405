/**
 * @file How fast photographs become batches, and how long a training step waits for them.
 */

import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataLoader } from '../src/data/data-loader.ts';
import { DECODERS, type Decoder, locateSharp } from '../src/data/decoder.ts';
import { ImageDataset, type ImageDatasetOptions } from '../src/data/node/image-dataset.ts';
import type { Sample } from '../src/data/sample.ts';
import { writeSyntheticDataset } from '../src/data/synth.ts';
import type { Device } from '../src/device/device.ts';
import type { NetworkOptions } from '../src/laboratory/trainer.ts';
import { ResNet } from '../src/nn/resnet.ts';
import { Momentum } from '../src/optim/momentum.ts';
import { trainStep } from '../src/train/step.ts';
import type { Row } from './results.ts';

/** How {@link benchData} measures. */
export interface DataOptions extends NetworkOptions {
  /** A folder of JPEGs; by default some are drawn. */
  readonly photographs?: string | undefined;
  /** Photographs in an epoch: copies of the files. */
  readonly count: number;
}

/** As large as the larger ones of iChallenge-PM. */
const DRAWN_SIZE = 2048;
const DRAWN = 4;
const EPOCHS = 3;

/** Images per second by decoder and from the cache, then the wait of training steps in the first epoch and the later ones. */
export async function benchData(device: Device, options: DataOptions): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-bench-'));
  try {
    const samples = await copied(await readSamples(options.photographs, folder), options.count, folder);
    const { size } = options;
    const rows: Row[] = [];
    for (const decoder of DECODERS.filter(isThere)) {
      const cache = join(folder, decoder);
      rows.push(await decodeAll(`${decoder}, first run`, samples, { size, decoder, cache }));
      rows.push(await decodeAll(`${decoder}, from the cache`, samples, { size, decoder, cache }));
    }
    return [...rows, ...(await trainEpochs(device, samples, options))];
  } finally {
    await rm(folder, { recursive: true });
  }
}

function isThere(decoder: Decoder): boolean {
  try {
    if (decoder === 'sharp') locateSharp();
    return true;
  } catch {
    return false;
  }
}

async function readSamples(photographs: string | undefined, folder: string): Promise<Sample[]> {
  const drawn = join(folder, 'drawn');
  if (photographs === undefined) {
    await writeSyntheticDataset(drawn, { training: DRAWN, validation: 1, size: DRAWN_SIZE, seed: 1 });
  }
  const from = photographs ?? join(drawn, 'PALM-Training400');
  const names = (await readdir(from)).filter((name) => name.endsWith('.jpg'));
  return names.map((name, i) => ({ name, path: join(from, name), label: i % 2 }));
}

/** `count` samples; their numbers after the ends of the images tell the copies of a file apart, which a cache would know. */
async function copied(samples: readonly Sample[], count: number, folder: string): Promise<Sample[]> {
  await mkdir(join(folder, 'copies'));
  return Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const sample = samples[i % samples.length]!;
      const path = join(folder, 'copies', `${i}.jpg`);
      await writeFile(path, Buffer.concat([await readFile(sample.path), Buffer.from(String(i))]));
      return { ...sample, path };
    }),
  );
}

async function decodeAll(
  name: string,
  samples: readonly Sample[],
  options: ImageDatasetOptions,
): Promise<Row> {
  const dataset = new ImageDataset(samples, options);
  const started = performance.now();
  await Promise.all(samples.map((_, i) => dataset.pixels(i)));
  const milliseconds = performance.now() - started;
  await dataset.close();
  return {
    name,
    milliseconds: milliseconds / samples.length,
    figures: { 'images/s': (1000 * samples.length) / milliseconds, threads: dataset.workers },
  };
}

/** Trains and takes the time from asking for a batch until it is there, and that of whole steps, the device's work included. */
async function trainEpochs(
  device: Device,
  samples: readonly Sample[],
  { layers, size, batch: batchSize }: DataOptions,
): Promise<Row[]> {
  const dataset = new ImageDataset(samples, { size });
  const loader = new DataLoader(dataset, { batchSize, shuffle: true, dropLast: true });
  const model = new ResNet(device, { layers, seed: 1 });
  const optimizer = new Momentum({ parameters: model.parameters(), learningRate: 0.001 });
  const rows: Row[] = [];
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    let waited = 0;
    const started = performance.now();
    let asked = started;
    for await (const batch of loader.epoch(epoch)) {
      waited += performance.now() - asked;
      const results = trainStep(model, optimizer, batch);
      await device.finished();
      for (const result of Object.values(results)) result.dispose();
      asked = performance.now();
    }
    const milliseconds = performance.now() - started;
    rows.push({
      name: `training, epoch ${epoch + 1}`,
      milliseconds: milliseconds / loader.length,
      figures: { 'wait ms': waited / loader.length, 'wait %': (100 * waited) / milliseconds },
    });
  }
  await dataset.close();
  return rows;
}
