import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';
import { DataLoader } from '../../src/data/data-loader.ts';
import type { DecodeRequest } from '../../src/data/decoding/messages.ts';
import { ImageDataset, type ImageDatasetOptions } from '../../src/data/node/image-dataset.ts';
import { DecodePool } from '../../src/data/node/worker-pool.ts';
import { FoveaError } from '../../src/errors.ts';

const SAMPLES = ['a', 'b', 'c', 'd', 'e'].map((name, i) => ({ name, path: `/photos/${name}`, label: i % 2 }));

/** What decoding a photograph comes to: pixels, unless an error is given. */
let outcome: (request: DecodeRequest) => Uint8Array | Error;
let decode: MockInstance<DecodePool['decode']>;
let close: MockInstance<DecodePool['close']>;
beforeEach(() => {
  outcome = ({ size }) => new Uint8Array(3 * size * size).fill(7);
  decode = vi.spyOn(DecodePool.prototype, 'decode').mockImplementation(async (request) => {
    const result = outcome(request);
    if (result instanceof Error) throw result;
    return result;
  });
  close = vi.spyOn(DecodePool.prototype, 'close').mockResolvedValue();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const allOf = (dataset: ImageDataset) => Promise.allSettled(SAMPLES.map((_, index) => dataset.pixels(index)));

describe('a data set', () => {
  it('asks for photographs of 224 pixels, blue first, of at most 100 megapixels', async () => {
    const dataset = new ImageDataset(SAMPLES);
    await dataset.pixels(1);
    expect(decode).toHaveBeenCalledWith({ path: '/photos/b', size: 224, order: 'bgr', maxPixels: 1e8 });
    expect([dataset.size, dataset.order, dataset.length]).toEqual([224, 'bgr', 5]);
  });

  it('asks for what it was told to', async () => {
    const options: ImageDatasetOptions = { size: 3, order: 'rgb', maxPixels: 50 };
    const dataset = new ImageDataset(SAMPLES, options);
    expect(await dataset.pixels(4)).toHaveLength(27);
    expect(decode).toHaveBeenCalledWith({ path: '/photos/e', size: 3, order: 'rgb', maxPixels: 50 });
    expect([dataset.size, dataset.order]).toEqual([3, 'rgb']);
  });

  it('ends its threads when the last photograph is decoded, whether it could be or not', async () => {
    outcome = ({ path, size }) =>
      path.endsWith('c') ? new FoveaError('bad-file', 'c is damaged') : new Uint8Array(3 * size * size);
    const dataset = new ImageDataset(SAMPLES, { size: 2 });
    for (const index of [0, 1, 2, 3]) await dataset.pixels(index).catch(() => {});
    await dataset.pixels(0);
    expect(close).not.toHaveBeenCalled();
    await dataset.pixels(4);
    expect(close).toHaveBeenCalledTimes(1);
  });

  it('leaves out what is damaged where it is told to, and nothing else', async () => {
    const damaged = new FoveaError('bad-file', 'b is damaged');
    const broken = new FoveaError('unsupported', 'the worker broke down');
    const other = new Error('another one');
    outcome = ({ path, size }) =>
      ({ '/photos/b': damaged, '/photos/c': broken, '/photos/d': other })[path] ??
      new Uint8Array(3 * size * size);
    const skipping = new ImageDataset(SAMPLES, { size: 1, onCorrupt: 'skip' });
    const found = await allOf(skipping);
    expect(
      found.map((result) => (result.status === 'fulfilled' ? result.value?.length : result.reason)),
    ).toEqual([3, undefined, broken, other, 3]);
    expect(skipping.corrupt).toEqual([{ name: 'b', reason: 'b is damaged' }]);
    const strict = new ImageDataset(SAMPLES, { size: 1 });
    expect((await allOf(strict)).map(({ status }) => status === 'rejected')).toEqual([
      false,
      true,
      true,
      true,
      false,
    ]);
    expect(strict.corrupt).toEqual([]);
  });

  it('refuses an index that is none, naming the range', () => {
    const dataset = new ImageDataset(SAMPLES);
    for (const index of [-1, 5, 0.5]) {
      expect(() => dataset.pixels(index)).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
    }
    expect(() => dataset.pixels(5)).toThrow(/5.*from 0 to 4/);
  });
});

describe('a loader', () => {
  it('neither shuffles nor leaves anything out, and decodes two batches ahead, unless told otherwise', async () => {
    const loader = new DataLoader(new ImageDataset(SAMPLES, { size: 1, workers: 1 }), { batchSize: 1 });
    const batches = loader.epoch(3);
    expect((await batches.next()).value?.names).toEqual(['a']);
    expect(decode).toHaveBeenCalledTimes(3);
    const rest: string[] = [];
    for await (const { names } of batches) rest.push(...names);
    expect(rest).toEqual(['b', 'c', 'd', 'e']);
    const short = new DataLoader(loader.dataset, { batchSize: 2 });
    expect(short.length).toBe(3);
  });

  it('may skip a whole epoch, and not more', async () => {
    const loader = new DataLoader(new ImageDataset(SAMPLES, { size: 1 }), { batchSize: 2 });
    expect((await loader.epoch(0, { skip: 3 }).next()).done).toBe(true);
    expect(decode).not.toHaveBeenCalled();
    await expect(loader.epoch(0, { skip: 4 }).next()).rejects.toMatchObject({ code: 'invalid-argument' });
  });

  it('lets errors of batches that nobody asks for go by', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    try {
      outcome = ({ path, size }) =>
        path.endsWith('a')
          ? new Uint8Array(3 * size * size)
          : new FoveaError('bad-file', `${path} is damaged`);
      const loader = new DataLoader(new ImageDataset(SAMPLES, { size: 1 }), { batchSize: 1, prefetch: 3 });
      for await (const batch of loader.epoch(0)) {
        expect(batch.names).toEqual(['a']);
        break;
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
      expect(unhandled).not.toHaveBeenCalled();
    } finally {
      process.off('unhandledRejection', unhandled);
    }
  });
});
