import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  colorJitter,
  compose,
  mixup,
  randomAffine,
  randomErasing,
  randomHorizontalFlip,
} from '../../src/common.ts';
import { DataLoader } from '../../src/data/data-loader.ts';
import { ImageDataset } from '../../src/data/node/image-dataset.ts';
import { ResNet } from '../../src/nn/resnet.ts';
import {
  type Checkpoint,
  modelOfCheckpoint,
  restoreCheckpoint,
  takeCheckpoint,
} from '../../src/train/checkpoint.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../src/train/checkpoint-format.ts';
import { evaluate } from '../../src/train/evaluate.ts';
import { fit } from '../../src/train/fit.ts';
import { recipes } from '../../src/train/recipes.ts';
import { trainStep } from '../../src/train/step.ts';
import { temporaryFolder, writePhotographs } from '../data/fixtures.ts';
import { testDevice } from '../support/device.ts';
import { TinyNet, tinyTraining } from './tiny.ts';

const TRANSFORMS = compose(
  randomHorizontalFlip(),
  randomAffine({ degrees: 180, scale: [0.8, 1.2] }),
  colorJitter({ brightness: 0.2, saturation: 0.2 }),
  randomErasing(),
  mixup(),
);
let dataset: ImageDataset;
beforeAll(async () => {
  dataset = new ImageDataset(await writePhotographs(await temporaryFolder(), 8), { size: 8, workers: 1 });
});
afterAll(() => dataset.close());

const loader = (transforms = TRANSFORMS) =>
  new DataLoader(dataset, { batchSize: 3, shuffle: true, seed: 4, transforms });
const plain = () => new DataLoader(dataset, { batchSize: 3 });

/** Trains with the fundus recipe's optimizer and averages. */
async function run(maxSteps?: number, resumed?: Checkpoint, transforms = TRANSFORMS) {
  const model = new TinyNet(await testDevice());
  const { optimizer, average } = recipes.fundus.updates(model, { samples: 8, batchSize: 3, epochs: 3 });
  if (resumed) restoreCheckpoint(resumed, model, optimizer, average);
  const { progress } = await fit({
    ...{ model, optimizer, average, training: loader(transforms), validation: plain(), epochs: 3 },
    ...{ maxSteps, start: resumed?.progress },
  });
  const config = { layers: 18, classDim: 1, size: 8, channelOrder: 'bgr' } as const;
  const checkpoint = await takeCheckpoint(model, optimizer, { config, progress, average });
  average!.dispose();
  optimizer.dispose();
  return { checkpoint, bytes: encodeCheckpoint(checkpoint) };
}

test('a training with transforms and averages, stopped and resumed, gives the same bits', async () => {
  const whole = await run();
  const first = await run(5);
  expect(first.checkpoint.average?.updates).toBe(5);
  const second = await run(undefined, decodeCheckpoint(first.bytes));
  expect(second.bytes).toEqual(whole.bytes);
  const other = await run(undefined, undefined, compose());
  expect(other.bytes).not.toEqual(whole.bytes);
});

test('evaluation does not augment, whatever the loader draws', async () => {
  const { model } = tinyTraining(await testDevice());
  const sorted = new DataLoader(dataset, { batchSize: 3, transforms: TRANSFORMS });
  expect(await evaluate(model, sorted)).toEqual(await evaluate(model, plain()));
});

test('mixed labels are what a step learns from', async () => {
  const device = await testDevice();
  const half = { name: 'half', draw: () => ({ share: 0.75 }) };
  for await (const batch of new DataLoader(dataset, { batchSize: 8, transforms: half }).epoch(0)) {
    const model = new TinyNet(device);
    const { optimizer } = tinyTraining(device);
    expect(() => trainStep(model, optimizer, batch)).toThrow(/none of the model's parameters/);
    const own = recipes.original.updates(model, { samples: 8 });
    const { loss } = trainStep(model, own.optimizer, batch);
    const value = await loss.item();
    const soft = [...batch.labels].map((label, i) => 0.75 * label + 0.25 * batch.labels[(i + 1) % 8]!);
    expect(new Set(soft)).toEqual(new Set([0.25, 0.75]));
    // No logit is right for labels between 0 and 1: the loss is at least their entropy.
    expect(value).toBeGreaterThan(-(0.25 * Math.log(0.25) + 0.75 * Math.log(0.75)) - 1e-6);
    own.optimizer.dispose();
  }
});

test('an augmentation of another length is refused', async () => {
  const { model, optimizer } = tinyTraining(await testDevice());
  for await (const batch of loader().epoch(0)) {
    const augmentation = batch.augmentation!;
    const short = {
      ...batch,
      augmentation: { ...augmentation, parameters: augmentation.parameters.slice(1) },
    };
    expect(() => trainStep(model, optimizer, short)).toThrow(
      /24 per image, but its augmentation has (71|47)/,
    );
  }
});

test('the network of a checkpoint with averages has them for weights, as the validation had', async () => {
  const device = await testDevice();
  const model = new ResNet(device, { layers: 18, seed: 3 });
  const { optimizer, average } = recipes.fundus.updates(model, { samples: 8, batchSize: 4, epochs: 2 });
  const { progress } = await fit({
    ...{ model, optimizer, average, epochs: 1, recover: false },
    training: new DataLoader(dataset, { batchSize: 4 }),
    validation: plain(),
  });
  const config = { layers: 18, classDim: 1, size: 8, channelOrder: 'bgr' } as const;
  const checkpoint = await takeCheckpoint(model, optimizer, { config, progress, average });
  const loaded = modelOfCheckpoint(device, decodeCheckpoint(encodeCheckpoint(checkpoint)));
  const { loss, auc } = await evaluate(loaded, plain());
  expect({ loss, auc }).toEqual({
    loss: progress.history[0]!.validation.loss,
    auc: progress.history[0]!.validation.auc,
  });
  expect((await evaluate(model, plain())).loss).not.toBe(loss);
  for (const made of [loaded, model, average!, optimizer]) made.dispose();
});
