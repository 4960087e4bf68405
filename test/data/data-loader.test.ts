import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { type Batch, DataLoader } from '../../src/data/data-loader.ts';
import { ImageDataset } from '../../src/data/node/image-dataset.ts';
import { DecodePool } from '../../src/data/node/worker-pool.ts';
import type { Sample } from '../../src/data/sample.ts';
import { brightness, temporaryFolder, writePhotographs } from './fixtures.ts';

const COUNT = 10;
const SIZE = 4;
const IMAGE_BYTES = SIZE * SIZE * 3;

/** Ten good photographs, and the same with the fourth one damaged. */
let samples: Sample[];
let damaged: Sample[];
beforeAll(async () => {
  const dir = await temporaryFolder();
  samples = await writePhotographs(dir, COUNT);
  const path = join(dir, 'damaged.jpg');
  await writeFile(path, 'no image');
  damaged = samples.map((sample, i) => (i === 3 ? { name: 'damaged.jpg', path, label: 1 } : sample));
});

const datasetOf = (from: Sample[], onCorrupt: 'throw' | 'skip' = 'throw') =>
  new ImageDataset(from, { size: SIZE, onCorrupt, workers: 2 });

async function collect(batches: AsyncIterable<Batch>): Promise<Batch[]> {
  const result: Batch[] = [];
  for await (const batch of batches) result.push(batch);
  return result;
}

const namesOf = (batches: Batch[]): string[][] => batches.map(({ names }) => [...names]);

describe('ImageDataset', () => {
  it('decodes an image once', async () => {
    const decode = vi.spyOn(DecodePool.prototype, 'decode');
    const dataset = datasetOf(samples);
    const [first, again] = await Promise.all([dataset.pixels(2), dataset.pixels(2)]);
    expect(first).toEqual(new Uint8Array(IMAGE_BYTES).fill(brightness(2)));
    expect(again).toBe(first);
    expect(await dataset.pixels(2)).toBe(first);
    expect(decode).toHaveBeenCalledTimes(1);
    decode.mockRestore();
    await dataset.close();
  });

  it('keeps what it decoded after it is closed', async () => {
    const dataset = datasetOf(samples);
    await dataset.pixels(0);
    await dataset.close();
    expect(await dataset.pixels(0)).toHaveLength(IMAGE_BYTES);
    await expect(dataset.pixels(1)).rejects.toMatchObject({ code: 'disposed' });
  });

  it('refuses no samples, a bad size, no workers and an index out of range', () => {
    expect(() => new ImageDataset([])).toThrow(/at least one sample/);
    expect(() => new ImageDataset(samples, { size: 0 })).toThrow(
      /size of ImageDataset is 0: it must be a whole number of at least 1/,
    );
    expect(() => new ImageDataset(samples, { workers: 0 })).toThrow(
      /workers of ImageDataset is 0: it must be a whole number of at least 1/,
    );
    expect(() => datasetOf(samples).pixels(COUNT)).toThrow(
      /the index of a sample is 10: it must be a whole number from 0 to 9/,
    );
  });
});

describe('DataLoader', () => {
  it('gives all samples in order, the last batch short', async () => {
    const loader = new DataLoader(datasetOf(samples), { batchSize: 4 });
    const batches = await collect(loader.epoch(0));
    expect(loader.length).toBe(3);
    expect(namesOf(batches).flat()).toEqual(samples.map(({ name }) => name));
    expect(batches.map(({ names }) => names.length)).toEqual([4, 4, 2]);
    expect(batches.map(({ index }) => index)).toEqual([0, 1, 2]);
    const last = batches[2]!;
    expect(last.size).toBe(SIZE);
    expect(last.labels).toEqual(Float32Array.of(0, 1));
    expect(last.images).toHaveLength(2 * IMAGE_BYTES);
    expect(last.images.slice(0, IMAGE_BYTES)).toEqual(new Uint8Array(IMAGE_BYTES).fill(brightness(8)));
    expect(last.images.slice(IMAGE_BYTES)).toEqual(new Uint8Array(IMAGE_BYTES).fill(brightness(9)));
  });

  it('leaves a short last batch out on demand', async () => {
    const loader = new DataLoader(datasetOf(samples), { batchSize: 4, dropLast: true });
    expect(loader.length).toBe(2);
    expect((await collect(loader.epoch(0))).map(({ names }) => names.length)).toEqual([4, 4]);
    await loader.dataset.close();
  });

  it('shuffles by seed and epoch alone', async () => {
    const dataset = datasetOf(samples);
    const namesAt = async (seed: number, epoch: number) => {
      const loader = new DataLoader(dataset, { batchSize: 4, shuffle: true, seed });
      return namesOf(await collect(loader.epoch(epoch))).flat();
    };
    const first = await namesAt(7, 0);
    const inOrder = samples.map(({ name }) => name);
    expect(first.toSorted()).toEqual(inOrder.toSorted());
    const second = await namesAt(7, 1);
    expect(await namesAt(7, 0)).toEqual(first);
    expect(await namesAt(7, 1)).toEqual(second);
    const orders = [inOrder, first, second, await namesAt(8, 0)].map((names) => names.join());
    expect(new Set(orders).size).toBe(4);
  });

  it('keeps images, labels and names together when shuffled', async () => {
    const loader = new DataLoader(datasetOf(samples), { batchSize: 3, shuffle: true, seed: 1 });
    for await (const { names, labels, images } of loader.epoch(5)) {
      names.forEach((name, i) => {
        const index = samples.findIndex((sample) => sample.name === name);
        expect(labels[i]).toBe(samples[index]!.label);
        expect(images[i * IMAGE_BYTES]).toBe(brightness(index));
      });
    }
  });

  it('skips batches without decoding them', async () => {
    const decode = vi.spyOn(DecodePool.prototype, 'decode');
    const options = { batchSize: 4, shuffle: true, seed: 3 };
    const resumed = new DataLoader(datasetOf(samples), options);
    const rest = await collect(resumed.epoch(2, { skip: 2 }));
    expect(decode).toHaveBeenCalledTimes(2);
    decode.mockRestore();
    const whole = await collect(new DataLoader(datasetOf(samples), options).epoch(2));
    expect(rest).toEqual(whole.slice(2));
    expect(await collect(resumed.epoch(2, { skip: 3 }))).toEqual([]);
    await resumed.dataset.close();
  });

  it('decodes as many batches ahead as asked for', async () => {
    for (const [prefetch, expected] of [
      [0, [2, 4]],
      [1, [4, 6]],
      [3, [8, 10]],
    ] as const) {
      const decode = vi.spyOn(DecodePool.prototype, 'decode');
      const loader = new DataLoader(datasetOf(samples), { batchSize: 2, prefetch });
      const batches = loader.epoch(0);
      for (const started of expected) {
        await batches.next();
        expect(decode).toHaveBeenCalledTimes(started);
      }
      decode.mockRestore();
      await batches.return();
      await loader.dataset.close();
    }
  });

  it('may be left early, closed and forgotten', async () => {
    const loader = new DataLoader(datasetOf(samples), { batchSize: 2, prefetch: 4 });
    for await (const batch of loader.epoch(0)) {
      expect(batch.index).toBe(0);
      break;
    }
    await loader.dataset.close();
  });

  it('may be left early and begun again', async () => {
    const loader = new DataLoader(datasetOf(samples), { batchSize: 2 });
    for await (const _ of loader.epoch(0)) break;
    expect(await collect(loader.epoch(0))).toHaveLength(5);
  });

  it('throws at a corrupt image, naming it, after the batches before it', async () => {
    const loader = new DataLoader(datasetOf(damaged), { batchSize: 2 });
    const batches = loader.epoch(0);
    expect((await batches.next()).value?.index).toBe(0);
    await expect(batches.next()).rejects.toMatchObject({
      code: 'bad-file',
      message: expect.stringContaining('damaged.jpg'),
    });
    expect(loader.dataset.corrupt).toEqual([]);
    await loader.dataset.close();
  });

  it('leaves a corrupt image out of its batch and reports it once', async () => {
    const loader = new DataLoader(datasetOf(damaged, 'skip'), { batchSize: 4 });
    for (const epoch of [0, 1]) {
      const batches = await collect(loader.epoch(epoch));
      expect(batches.map(({ names }) => names.length)).toEqual([3, 4, 2]);
      expect(batches[0]!.names).toEqual(samples.slice(0, 3).map(({ name }) => name));
      expect(batches[0]!.images).toHaveLength(3 * IMAGE_BYTES);
      expect(batches[0]!.labels).toEqual(Float32Array.of(0, 1, 0));
    }
    expect(loader.dataset.corrupt).toEqual([
      { name: 'damaged.jpg', reason: expect.stringContaining('Neither a JPEG') },
    ]);
  });

  it('passes over a batch of corrupt images only', async () => {
    const loader = new DataLoader(datasetOf(damaged, 'skip'), { batchSize: 1 });
    const indexes = (await collect(loader.epoch(0))).map(({ index }) => index);
    expect(indexes).toEqual([0, 1, 2, 4, 5, 6, 7, 8, 9]);
  });

  it('refuses numbers out of range', async () => {
    const dataset = datasetOf(samples);
    expect(() => new DataLoader(dataset, { batchSize: 0 })).toThrow(
      /batchSize of DataLoader is 0: it must be a whole number of at least 1/,
    );
    expect(() => new DataLoader(dataset, { batchSize: 2, prefetch: 0.5 })).toThrow(
      /prefetch of DataLoader is 0\.5/,
    );
    const loader = new DataLoader(dataset, { batchSize: 4 });
    await expect(loader.epoch(-1).next()).rejects.toThrow(/the epoch of DataLoader is -1/);
    await expect(loader.epoch(0, { skip: 4 }).next()).rejects.toThrow(/skip is 4, but an epoch has 3/);
  });
});
