import { describe, expect, test } from 'vitest';
import { mean, multiply, subtract } from '../../src/autograd/ops.ts';
import { ArrayLoader } from '../../src/data/array-loader.ts';
import type { Device } from '../../src/device/device.ts';
import { Dropout } from '../../src/nn/dropout.ts';
import { Linear } from '../../src/nn/linear.ts';
import { Sequential } from '../../src/nn/sequential.ts';
import { Adam } from '../../src/optim/adam.ts';
import { ExponentialMovingAverage } from '../../src/optim/exponential-moving-average.ts';
import { ReduceOnPlateau } from '../../src/optim/reduce-on-plateau.ts';
import { SGD } from '../../src/optim/sgd.ts';
import { Random } from '../../src/random.ts';
import { tensor } from '../../src/tensor/create.ts';
import { manualSeed } from '../../src/tensor/generator.ts';
import { scope, tensorStatistics } from '../../src/tensor/scope.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { type ModelConfig, restoreCheckpoint, takeCheckpoint } from '../../src/train/checkpoint.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../src/train/checkpoint-format.ts';
import { evaluate } from '../../src/train/evaluate.ts';
import { fit } from '../../src/train/fit.ts';
import { prepareStep, trainStep } from '../../src/train/step.ts';
import { openTestDevice, testDevice } from '../support/device.ts';
import { noise, TinyNet } from './tiny.ts';

const CONFIG: ModelConfig = { layers: 50, classDim: 1, size: 16, channelOrder: 'bgr' };

const squaredError = (outputs: Tensor, targets: Tensor) => {
  const error = subtract(outputs, targets);
  return mean(multiply(error, error));
};
const metrics = { bias: (outputs: Tensor, targets: Tensor) => mean(subtract(outputs, targets)) };

/** y = 2a − b + 1 of random a and b. */
function plane(samples: number, seed: number, batchSize = 4): ArrayLoader {
  const random = new Random(seed);
  const inputs = Float32Array.from({ length: 2 * samples }, () => random.uniform());
  const targets = Float32Array.from(
    { length: samples },
    (_, i) => 2 * inputs[2 * i]! - inputs[2 * i + 1]! + 1,
  );
  return new ArrayLoader({
    inputs: { data: inputs, shape: [samples, 2] },
    targets: { data: targets, shape: [samples, 1] },
    ...{ batchSize, shuffle: true, seed },
  });
}

const makeModel = (device: Device) =>
  new Linear(device, { inFeatures: 2, outFeatures: 1, random: new Random(1) });

function setUp(device: Device) {
  const model = makeModel(device);
  const learningRate = new ReduceOnPlateau({ initial: 0.1, patience: 0, threshold: 0.5, factor: 0.5 });
  const optimizer = new Adam({ parameters: model.parameters(), learningRate });
  return { model, optimizer };
}

const options = {
  training: plane(30, 1),
  validation: plane(10, 2),
  loss: squaredError,
  metrics,
  clipGradNorm: 0.5,
};

test('fit trains arrays by a loss and metrics of the user’s own', async () => {
  const { model, optimizer } = setUp(await testDevice());
  const steps: number[] = [];
  const { progress } = await fit({
    ...{ model, optimizer, ...options, epochs: 12 },
    onStep: ({ loss, bias, samples }) => steps.push(loss, bias, samples),
  });
  expect(steps).toHaveLength(12 * 8 * 3);
  expect(steps.slice(7 * 3 + 2, 8 * 3)).toEqual([2]); // the short last batch
  const [first, last] = [progress.history[0]!, progress.history.at(-1)!];
  expect(Object.keys(last.training)).toEqual(['loss', 'bias']);
  expect(last.validation.loss).toBeLessThan(0.1 * first.validation.loss);
  expect(await evaluate(model, options.validation, { loss: squaredError, metrics })).toEqual(last.validation);
  // Means over samples.
  const losses = steps.filter((_, i) => i % 3 === 0).slice(0, 8);
  const samples = steps.filter((_, i) => i % 3 === 2).slice(0, 8);
  const total = losses.reduce((sum, loss, i) => sum + loss * samples[i]!, 0);
  expect(first.training.loss).toBeCloseTo(total / 30, 10);
});

test('a plateau of what is monitored lowers the rate', async () => {
  const { model, optimizer } = setUp(await testDevice());
  await fit({ model, optimizer, ...options, epochs: 3, monitor: 'bias' });
  const { schedules } = await optimizer.stateDict();
  expect(schedules![0]!.rate).toBe(optimizer.learningRate);
  expect(schedules![0]!.best).not.toBeNaN();
  const wrong = fit({ model, optimizer, ...options, epochs: 1, monitor: 'bais' });
  await expect(wrong).rejects.toThrow(/the figure bais of a validation.* is undefined/);
});

test('a stopped training resumes to the same bytes', async () => {
  const run = async (maxSteps: number, resumed?: Uint8Array) => {
    const { model, optimizer } = setUp(await testDevice());
    const checkpoint = resumed && decodeCheckpoint(resumed);
    if (checkpoint) restoreCheckpoint(checkpoint, model, optimizer);
    const start = checkpoint?.progress as undefined;
    const { progress } = await fit({ model, optimizer, ...options, epochs: 3, maxSteps, start });
    const about = { config: CONFIG, progress: progress as never };
    return encodeCheckpoint(await takeCheckpoint(model, optimizer, about));
  };
  expect(await run(19, await run(11))).toEqual(await run(19));
});

test('validation is by the averages, and leaves the weights', async () => {
  const device = await testDevice();
  const model = makeModel(device);
  const optimizer = new SGD({ parameters: model.parameters(), learningRate: 0.1 });
  const average = new ExponentialMovingAverage({ parameters: model.parameters(), decay: 0.9 });
  const { progress } = await fit({ model, optimizer, ...options, average, epochs: 1 });
  const means = { loss: squaredError, metrics };
  const plain = await evaluate(model, options.validation, means);
  average.swap();
  const averaged = await evaluate(model, options.validation, means);
  average.swap();
  expect(progress.history[0]!.validation).toEqual(averaged);
  expect(averaged).not.toEqual(plain);
  average.dispose();
});

test('a step of an own objective creates nothing from the second on, and leaves no tensor behind', async () => {
  const device = await openTestDevice();
  const { model, optimizer } = setUp(device);
  const average = new ExponentialMovingAverage({ parameters: model.parameters() });
  const stepOptions = { loss: squaredError, metrics, clipGradNorm: 0.5, average };
  for await (const batch of plane(4, 1).epoch(0)) {
    await prepareStep(model, optimizer, batch, stepOptions);
    expect((await average.stateDict()).updates).toBe(0);
    const created = [];
    for (let step = 0; step < 5; step++) {
      const before = tensorStatistics(device);
      const { loss, bias } = trainStep(model, optimizer, batch, stepOptions);
      for (const value of [loss, bias]) value.dispose();
      expect(tensorStatistics(device)).toEqual(before);
      await device.finished();
      const { buffersCreated, pipelinesCreated, bindGroupsCreated } = device.statistics;
      created.push({ buffersCreated, pipelinesCreated, bindGroupsCreated });
    }
    expect(created[4]).toEqual(created[2]);
    expect(created[3]).toEqual(created[2]);
  }
  device.destroy();
});

describe('an option forward', () => {
  test('says how batches of whatever kind go through the model', async () => {
    const device = await testDevice();
    const { model, optimizer } = setUp(device);
    const source = {
      length: 2,
      async *epoch(_: number, { skip = 0 } = {}) {
        for (let index = skip; index < 2; index++) yield { index, numbers: [index, 1] };
      },
    };
    const forward = (_: unknown, { numbers }: { index: number; numbers: number[] }) => ({
      outputs: model(tensor(device, numbers, [1, 2])),
      targets: tensor(device, [numbers[0]!], [1, 1]),
    });
    const common = { model, optimizer, training: source, validation: source, epochs: 2 };
    const { progress } = await fit({ ...common, loss: squaredError, forward });
    expect(progress.history[1]!.validation.loss).toBeGreaterThan(0);
    await expect(fit({ ...common, loss: squaredError })).rejects.toThrow(/neither images nor inputs/);
  });

  test('is not needed for photographs with another loss', async () => {
    const model = new TinyNet(await testDevice());
    const optimizer = new SGD({ parameters: model.parameters(), learningRate: 0.1 });
    const source = noise([3], 1);
    const training = {
      model,
      optimizer,
      training: source,
      validation: source,
      epochs: 1,
      recalibrate: source,
    };
    const { progress } = await fit({ ...training, loss: squaredError });
    expect(progress.history[0]!.validation.loss).toBeGreaterThan(0);
  });
});

test('what is no loss, metric or batch is told', async () => {
  const device = await testDevice();
  const { model, optimizer } = setUp(device);
  for await (const batch of plane(4, 1).epoch(0)) {
    const step = (changes: object, changed: object = {}) =>
      scope(device, () =>
        trainStep(model, optimizer, { ...batch, ...changed }, { loss: squaredError, ...changes }),
      );
    expect(() => step({ loss: (outputs: Tensor) => outputs })).toThrow(
      /the loss is f32 of shape \[4, 1\]: .* one number/,
    );
    expect(() => step({ loss: () => 3 })).toThrow(/the loss/);
    expect(() => step({ metrics: { loss: squaredError } })).toThrow(
      /metrics of trainStep .* names other than loss/,
    );
    expect(() => step({ metrics: { a: (outputs: Tensor) => outputs } })).toThrow(
      /the metric a is f32 of shape/,
    );
    expect(() => step({}, { targets: { data: new Float32Array(3), shape: [3, 1] } })).toThrow(
      /4 inputs, but 3 targets/,
    );
    expect(() => step({}, { inputs: { data: new Float32Array(3), shape: [4, 2] } })).toThrow(
      /takes 8 values, but 3/,
    );
    expect(() => step({}, { inputs: [1, 2] })).toThrow(/inputs of trainStep's batch .* \{ data, shape \}/);
    expect(() => step({ clipGradNorm: -1 })).toThrow(/clipGradNorm of trainStep is -1/);
    expect(() => step({ average: 0.9 })).toThrow(/average of trainStep is 0.9/);
  }
});

test('dropout and averages resume to the same bytes', async () => {
  const run = async (maxSteps: number, resumed?: Uint8Array) => {
    const device = await testDevice();
    manualSeed(device, 7);
    const linear = makeModel(device);
    const dropout = new Dropout(device, { probability: 0.3 });
    const model = new Sequential(device, [dropout, linear]);
    const optimizer = new SGD({ parameters: model.parameters(), learningRate: 0.1 });
    const average = new ExponentialMovingAverage({ parameters: model.parameters(), decay: 0.9 });
    const checkpoint = resumed && decodeCheckpoint(resumed);
    if (checkpoint) restoreCheckpoint(checkpoint, model, optimizer, average);
    const start = checkpoint?.progress as undefined;
    const { progress } = await fit({ model, optimizer, average, ...options, epochs: 3, maxSteps, start });
    const about = { config: CONFIG, progress: progress as never, average };
    const taken = await takeCheckpoint(model, optimizer, about);
    expect(taken.average!.updates).toBe(maxSteps);
    expect(() => restoreCheckpoint(taken, model, optimizer)).toThrow(/has averages of weights: give/);
    const { average: _, ...without } = taken;
    expect(() => restoreCheckpoint(without, model, optimizer, average)).toThrow(/has no averages/);
    return encodeCheckpoint(taken);
  };
  expect(await run(19, await run(11))).toEqual(await run(19));
});
