import { expect, test } from 'vitest';
import { Momentum } from '../../src/optim/momentum.ts';
import { SGD } from '../../src/optim/sgd.ts';
import { upload } from '../../src/tensor/create.ts';
import { scope, tensorStatistics } from '../../src/tensor/scope.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { evaluate } from '../../src/train/evaluate.ts';
import { fit } from '../../src/train/fit.ts';
import { predict } from '../../src/train/inference.ts';
import { binaryAccuracy, predictedClass } from '../../src/train/metrics.ts';
import { objectiveOf } from '../../src/train/objective.ts';
import { forward, prepareStep, trainStep } from '../../src/train/step.ts';
import { openTestDevice, testDevice } from '../support/device.ts';
import { noise, TinyNet, tinyTraining } from './tiny.ts';

/** A network that forgets to flatten its features. */
class PixelNet extends TinyNet {
  override forward(x: Tensor): Tensor {
    return this.pool(this.conv(x));
  }
}

async function firstBatch(sizes: readonly number[]) {
  for await (const batch of noise(sizes, 1).epoch(0)) return batch;
  throw new Error('no batch');
}

test('steps on one batch lower its loss, and leave no tensor behind', async () => {
  const device = await testDevice();
  const { model, optimizer } = tinyTraining(device);
  const batch = await firstBatch([6]);
  const before = tensorStatistics(device);
  const losses: number[] = [];
  for (let step = 0; step < 8; step++) {
    const { loss, accuracy } = trainStep(model, optimizer, batch);
    expect([loss.shape, accuracy.shape]).toEqual([[1], [1]]);
    losses.push(await loss.item());
    loss.dispose();
    accuracy.dispose();
  }
  expect(losses.at(-1)!).toBeLessThan(0.7 * losses[0]!);
  expect(tensorStatistics(device)).toEqual(before);
});

test('the accuracy of a step is the share of photographs that the network told right before it', async () => {
  const device = await testDevice();
  const { model, optimizer } = tinyTraining(device);
  const shares = new Set<number>();
  const told = new Set<number>();
  for (let seed = 1; seed <= 6; seed++) {
    for await (const batch of noise([7], seed).epoch(0)) {
      // Half of the logits on either side of zero.
      const before = forward(objectiveOf({}), model, batch);
      const [bias, values] = [model.out.bias.tensor, await before.outputs.data()];
      const [, , third, fourth] = values.toSorted();
      const middle = (third! + fourth!) / 2;
      upload(bias, (await bias.data()).map((value) => value - middle) as Float32Array);
      const { outputs: logits, loss } = forward(objectiveOf({}), model, batch);
      const probabilities = (await logits.data()).map((logit) => 1 / (1 + Math.exp(-logit)));
      for (const probability of probabilities) told.add(predictedClass(probability));
      const expected = binaryAccuracy(probabilities, batch.labels);
      const step = trainStep(model, optimizer, batch);
      expect(await step.accuracy.item()).toBeCloseTo(expected, 6);
      expect(await step.loss.item()).toBe(await loss.item());
      shares.add(expected);
      for (const value of [before.outputs, before.loss, logits, loss, ...Object.values(step)])
        value.dispose();
    }
  }
  // Both classes were told, and not always right or wrong.
  expect(told.size).toBe(2);
  expect(shares.size).toBeGreaterThan(1);
});

test('after preparing, a step creates nothing from the second on', async () => {
  const device = await openTestDevice();
  try {
    const { model, optimizer } = tinyTraining(device);
    const batch = await firstBatch([6]);
    const before = await model.stateDict();
    await prepareStep(model, optimizer, batch);
    expect(await model.stateDict()).toEqual(before);
    expect(optimizer.learningRate).toBe(0.1);
    const prepared = device.statistics.pipelinesCreated;
    const created = [];
    for (let step = 0; step < 4; step++) {
      const { loss, accuracy } = trainStep(model, optimizer, batch);
      loss.dispose();
      accuracy.dispose();
      await device.finished();
      const { buffersCreated, pipelinesCreated, bindGroupsCreated } = device.statistics;
      created.push({ buffersCreated, pipelinesCreated, bindGroupsCreated });
    }
    expect(created[0]!.pipelinesCreated).toBe(prepared);
    expect(created[2]).toEqual(created[1]);
    expect(created[3]).toEqual(created[1]);
  } finally {
    device.destroy();
  }
});

test("an optimizer of another model's parameters is refused, one of some of them is not", async () => {
  const device = await testDevice();
  const { model } = tinyTraining(device);
  const { model: other, optimizer } = tinyTraining(device);
  const batch = await firstBatch([2]);
  const source = noise([2], 1);
  const refusal =
    /updates none of the model's parameters, but 5 of another model: create it with model.parameters\(\)/;
  expect(() => trainStep(model, optimizer, batch)).toThrow(refusal);
  await expect(fit({ model, optimizer, training: source, validation: source, epochs: 1 })).rejects.toThrow(
    refusal,
  );
  const parameters = [...model.out.parameters(), ...other.conv.parameters()];
  scope(device, () => trainStep(model, new SGD({ parameters, learningRate: 0.1 }), batch));
});

test('a network that gives no row per photograph is refused by training, evaluating and predicting alike', async () => {
  const model = new PixelNet(await testDevice());
  const optimizer = new Momentum({ parameters: model.parameters(), learningRate: 0.1 });
  const batch = await firstBatch([6]);
  const before = await model.stateDict();
  const refusal = /gives \[6, 8, 1, 1\] for 6 images, not \[6, 1\] or \[6, K\].*classDim K/;
  await expect(evaluate(model, noise([6], 1))).rejects.toThrow(refusal);
  await expect(evaluate(model, noise([6], 1))).rejects.toMatchObject({ code: 'shape-mismatch' });
  await expect(predict(model, noise([6], 1))).rejects.toThrow(refusal);
  const source = noise([6], 1);
  const training = fit({ model, optimizer, training: source, validation: source, epochs: 1 });
  await expect(training).rejects.toThrow(refusal);
  expect(await model.stateDict()).toEqual(before);
  expect(() => trainStep(model, optimizer, batch)).toThrow(refusal);
});
