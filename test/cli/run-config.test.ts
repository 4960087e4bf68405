import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunConfig, readRunConfig, resumedConfig } from '../../src/cli/train/run-config.ts';

const CONFIG: RunConfig = {
  train: '/train',
  val: '/val',
  labels: '/labels.csv',
  layers: 50,
  size: 224,
  batch: 10,
  epochs: 10,
  lr: 0.005,
  seed: 1,
  onCorrupt: 'throw',
};

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-config-'));
});

afterAll(() => rm(folder, { recursive: true }));

async function read(config: unknown): Promise<RunConfig> {
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));
  return readRunConfig(folder);
}

test('reads what was kept', async () => {
  expect(await read(CONFIG)).toEqual(CONFIG);
  expect(await read({ ...CONFIG, maxPixels: 5 })).toEqual({ ...CONFIG, maxPixels: 5 });
});

test.each([
  ['null', null, 'it is null, not an object'],
  ['another type', { ...CONFIG, batch: '10' }, '"batch" is "10", not a whole number from 1 to 4096'],
  ['out of range', { ...CONFIG, size: 20000 }, '"size" is 20000, not a whole number from 32 to 4096'],
  ['no network', { ...CONFIG, layers: 20 }, '"layers" is 20, not 18 or 34 or 50 or 101 or 152'],
  ['no pixels', { ...CONFIG, maxPixels: 0 }, '"maxPixels" is 0, not a whole number of at least 1'],
  ['no rate', { ...CONFIG, lr: 0 }, '"lr" is 0, not a number above 0'],
  ['no path', { ...CONFIG, val: '' }, '"val" is "", not a path'],
  ['missing', { ...CONFIG, seed: undefined }, '"seed" is missing'],
  ['unknown', { ...CONFIG, sead: 1 }, '"sead" is no key that is known here'],
])('names the file and the key: %s', async (_, config, message) => {
  await expect(read(config)).rejects.toMatchObject({
    code: 'bad-file',
    message: expect.stringContaining(`${join(folder, 'config.json')}: ${message}`),
  });
});

test('going on takes the bound of pixels that was kept, unless another is given', () => {
  const kept = { ...CONFIG, maxPixels: 5 };
  expect(resumedConfig(kept, {})).toEqual(kept);
  expect(resumedConfig(kept, { maxPixels: 6 })).toEqual({ ...kept, maxPixels: 6 });
});

test('a decoder gives other pixels: the training keeps the one that it began with', () => {
  const bySharp = { ...CONFIG, decoder: 'sharp' } as const;
  expect(resumedConfig(bySharp, { decoder: 'sharp' })).toEqual(bySharp);
  expect(() => resumedConfig(bySharp, { decoder: 'own' })).toThrow(
    /--decoder is own, but the training to resume has sharp/,
  );
  expect(resumedConfig(CONFIG, { decoder: 'own' })).toMatchObject({ decoder: 'own' });
  expect(() => resumedConfig(CONFIG, { decoder: 'sharp' })).toThrow(
    /--decoder is sharp, but the training to resume has own/,
  );
});

test('patience, TensorBoard and the cache may change on the way', () => {
  const kept = { ...CONFIG, patience: 2, cache: '/cache' };
  const given = { patience: 5, cache: '/other', tensorboard: true };
  expect(resumedConfig(kept, given)).toEqual({ ...kept, ...given });
});

test('how the photographs lie and are divided stays, and so do photographs that are left out of the report', async () => {
  const { val: _, labels: __, ...set } = CONFIG;
  const kept = { ...set, layout: 'folders', split: 0.2, photographs: false } as const;
  expect(await read(kept)).toEqual(kept);
  expect(resumedConfig(kept, {})).toEqual(kept);
  expect(() => resumedConfig(kept, { split: 0.3 })).toThrow(/--split is 0.3.* has 0.2/);
  expect(() => resumedConfig(kept, { folds: 3 })).toThrow(/--folds is 3.* has none/);
  expect(() => resumedConfig(kept, { layout: 'palm' })).toThrow(/--layout is palm.* has folders/);
  expect(resumedConfig(CONFIG, { layout: 'palm' })).toMatchObject({ layout: 'palm' });
  expect(() => resumedConfig(kept, { keepTogether: 'similar' })).toThrow(
    /--keep-together is similar.* has identical/,
  );
});

test('a recipe and its transforms are kept, the original ones where none are', async () => {
  const fundus = { ...CONFIG, recipe: 'fundus', transforms: 'fundus' } as const;
  expect(await read(fundus)).toEqual(fundus);
  expect(resumedConfig(fundus, { recipe: 'fundus' })).toEqual(fundus);
  expect(resumedConfig(CONFIG, { recipe: 'original', transforms: 'none', epochs: 20 })).toMatchObject({
    epochs: 20,
  });
  expect(() => resumedConfig(CONFIG, { recipe: 'fundus' })).toThrow(/--recipe is fundus.* has original/);
  expect(() => resumedConfig(fundus, { transforms: 'none' })).toThrow(/--transforms is none.* has fundus/);
  // Its rate falls to 0 at the last epoch: one of more epochs would be another training.
  expect(() => resumedConfig(fundus, { epochs: 20 })).toThrow(/--epochs is 20.* has 10/);
});
