import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Batch, DataLoader } from '../../src/data/data-loader.ts';
import { ImageDataset } from '../../src/data/node/image-dataset.ts';
import { PREPROCESSING_NAMES, PREPROCESSINGS } from '../../src/data/preprocessing.ts';
import { checkSameTraining, type ModelConfig } from '../../src/train/checkpoint.ts';
import { predict } from '../../src/train/inference.ts';
import { inputsOf } from '../../src/train/photographs.ts';
import { writePhotographs } from '../data/fixtures.ts';
import { testDevice } from '../support/device.ts';
import { noise, TinyNet } from './tiny.ts';

const images = Uint8Array.of(0, 128, 255, 10, 20, 30, 1, 2, 3, 200, 100, 50);
const BATCH: Batch = { images, labels: Float32Array.of(1), names: ['a'], size: 2, index: 0 };

test.each(PREPROCESSING_NAMES)(
  'the bytes of a batch become inputs by its preprocessing: %s',
  async (preprocessing) => {
    const { mean, std } = PREPROCESSINGS[preprocessing].normalization;
    const inputs = await inputsOf(await testDevice(), { ...BATCH, preprocessing }).data();
    const expected = [0, 1, 2].flatMap((c) =>
      [0, 1, 2, 3].map((pixel) => (images[pixel * 3 + c]! / 255 - mean[c]!) / std[c]!),
    );
    expect(inputs.length).toBe(expected.length);
    for (const [i, value] of expected.entries()) expect(inputs[i]).toBeCloseTo(value, 5);
  },
);

test('batches carry the preprocessing of their dataset, whose order follows from it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-preprocessing-'));
  try {
    const samples = await writePhotographs(folder, 1);
    const batches = [];
    for (const preprocessing of PREPROCESSING_NAMES) {
      const dataset = new ImageDataset(samples, { size: 4, preprocessing, workers: 1 });
      for await (const batch of new DataLoader(dataset, { batchSize: 1 }).epoch(0)) batches.push(batch);
    }
    const [original, imagenet] = batches as [Batch, Batch];
    expect([original.preprocessing, imagenet.preprocessing]).toEqual(['original', 'imagenet']);
    const reversed = Array.from(original.images, (_, i) => original.images[i - (i % 3) + 2 - (i % 3)]);
    expect(Array.from(imagenet.images)).toEqual(reversed);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('predict looks at it, and refuses one that there is not', async () => {
  const model = new TinyNet(await testDevice());
  const source = (preprocessing: string) => ({
    length: 1,
    async *epoch() {
      for await (const batch of noise([2], 1).epoch(0)) yield { ...batch, preprocessing } as Batch;
    },
  });
  const [original, imagenet] = [
    await predict(model, source('original')),
    await predict(model, source('imagenet')),
  ];
  expect(imagenet.probabilities).not.toEqual(original.probabilities);
  await expect(predict(model, source('caffe'))).rejects.toThrow(/preprocessing .* 'original' or 'imagenet'/);
});

test('a training of one preprocessing is not resumed with another; checkpoints without one have the original’s', () => {
  const config: ModelConfig = { layers: 50, classDim: 1, size: 16, channelOrder: 'bgr' };
  checkSameTraining({ config }, { config: { ...config, preprocessing: 'original' } });
  expect(() => checkSameTraining({ config }, { config: { ...config, preprocessing: 'imagenet' } })).toThrow(
    /with preprocessing original, but this one has preprocessing imagenet/,
  );
});
