import { beforeEach, expect, test } from 'vitest';
import type { Device } from '../../src/device/device.ts';
import type { FoveaError } from '../../src/errors.ts';
import { Momentum } from '../../src/optim/momentum.ts';
import { upload } from '../../src/tensor/create.ts';
import { tensorStatistics } from '../../src/tensor/scope.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import type { BatchSource } from '../../src/train/batch-source.ts';
import { type ModelConfig, takeCheckpoint } from '../../src/train/checkpoint.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../src/train/checkpoint-format.ts';
import { evaluate } from '../../src/train/evaluate.ts';
import { fit } from '../../src/train/fit.ts';
import type { StepReport } from '../../src/train/fit-options.ts';
import { predict } from '../../src/train/inference.ts';
import { BEGINNING, type TrainingProgress } from '../../src/train/progress.ts';
import { recalibrate } from '../../src/train/recalibrate.ts';
import { testDevice } from '../support/device.ts';
import { noise, TinyNet, tinyTraining } from './tiny.ts';

const TRAINING = noise([6, 6, 3], 1);
const VALIDATION = noise([5, 5, 2], 2);
const CONFIG: ModelConfig = { layers: 50, classDim: 1, size: 16, channelOrder: 'bgr' };

let device: Device;

beforeEach(async () => {
  device = await testDevice();
});

function fill(tensor: Tensor, value: number): void {
  upload(tensor, new Float32Array(tensor.size).fill(value));
}

function errorOf(work: Promise<unknown>): Promise<FoveaError> {
  return work.then(
    () => {
      throw new Error('it did not throw');
    },
    (error: FoveaError) => error,
  );
}

/** A network whose running statistics make evaluation overflow, and training not. */
function unsettled(): TinyNet {
  const model = new TinyNet(device);
  fill(model.conv.batchNorm.mean.tensor, -3e38);
  fill(model.conv.batchNorm.variance.tensor, 0);
  return model;
}

test('a loss that is not finite ends the training, with the step, the layer, the rate and the photographs', async () => {
  const model = new TinyNet(device);
  const optimizer = new Momentum({ parameters: model.parameters(), learningRate: 1e30 });
  const steps: StepReport[] = [];
  const training = fit({
    model,
    optimizer,
    training: TRAINING,
    validation: VALIDATION,
    epochs: 2,
    onStep: (report) => steps.push(report),
  });
  const { code, message } = await errorOf(training);
  expect(code).toBe('not-finite');
  expect(message).toMatch(/^step 2: the loss is NaN\./);
  expect(message).toMatch(
    /the first layer whose result is not finite is conv\._conv; \d of 5 parameters are not finite, conv\._conv\.weight first/,
  );
  expect(message).toMatch(/lower learning rate \(it was 1e\+30\).* 1-0, 1-1, 1-2 and 3 more\.$/);
  expect(steps.map(({ step }) => step)).toEqual([1]);
});

test('names the layer inside the network where the numbers are lost, when the weights are finite', async () => {
  const { model, optimizer } = tinyTraining(device);
  fill(model.out.weight.tensor, 3e38);
  const training = fit({ model, optimizer, training: TRAINING, validation: VALIDATION, epochs: 1 });
  await expect(training).rejects.toThrow(/^step 1: the loss is (Infinity|NaN)/);
  const { model: other } = tinyTraining(device);
  fill(other.out.weight.tensor, 3e38);
  await expect(evaluate(other, VALIDATION)).rejects.toThrow(/not finite is out; all parameters are finite/);
});

test('evaluation that overflows where training would not names recalibrate, which mends it', async () => {
  const model = unsettled();
  const before = await model.stateDict();
  const tensors = tensorStatistics(device);
  for (const judge of [evaluate, predict]) {
    await expect(judge(model, VALIDATION)).rejects.toMatchObject({
      code: 'not-finite',
      message: expect.stringMatching(
        /^the result for 0-0, 0-1, 0-2 and 2 more is not finite: .* is conv; all parameters are finite\. .*recalibrate\(\)/,
      ),
    });
  }
  expect(await model.stateDict()).toEqual(before);
  expect(model.training).toBe(true);
  expect(tensorStatistics(device)).toEqual(tensors);
  expect(Object.hasOwn(model.conv, 'call')).toBe(false);

  await recalibrate(model, TRAINING);
  const { probabilities, loss } = await evaluate(model, VALIDATION);
  expect(Number.isFinite(loss)).toBe(true);
  expect([...probabilities].every((p) => p > 0 && p < 1)).toBe(true);
});

test('a validation that fails does not lose the training: it goes on with the validation', async () => {
  const run = (start?: TrainingProgress, more: object = {}) => {
    const { model, optimizer } = tinyTraining(device);
    return { model, optimizer, training: TRAINING, validation: VALIDATION, epochs: 1, start, ...more };
  };
  const whole = run(undefined, { recalibrate: TRAINING });
  const { progress: expected } = await fit(whole);

  const saved: TrainingProgress[] = [];
  const failing: BatchSource = {
    length: 1,
    async *epoch(epoch) {
      fill(failed.model.conv.batchNorm.mean.tensor, -3e38);
      fill(failed.model.conv.batchNorm.variance.tensor, 0);
      yield* VALIDATION.epoch(epoch);
    },
  };
  const failed = run(undefined, {
    validation: failing,
    onFailedValidation: (progress: TrainingProgress) => void saved.push(progress),
  });
  await expect(fit(failed)).rejects.toMatchObject({ code: 'not-finite' });
  expect(saved).toMatchObject([{ step: 3, epoch: 0, batch: 3 }]);
  const resumed = { ...failed, validation: VALIDATION, recalibrate: TRAINING, start: saved[0] };
  expect((await fit(resumed)).progress).toEqual(expected);
  expect(await failed.model.stateDict()).toEqual(await whole.model.stateDict());
});

test('an epoch or a validation without photographs is an error', async () => {
  const nothing: BatchSource = { length: 2, async *epoch() {} };
  const { model, optimizer } = tinyTraining(device);
  const run = (training: BatchSource, validation: BatchSource) =>
    fit({ model, optimizer, training, validation, epochs: 1 });
  await expect(run(nothing, VALIDATION)).rejects.toMatchObject({ code: 'bad-data' });
  await expect(run(TRAINING, nothing)).rejects.toMatchObject({ code: 'bad-data' });
  await expect(evaluate(model, nothing)).rejects.toThrow(/no photographs to evaluate/);
});

test.each([
  ['conv._conv.weight', Number.NaN],
  ['conv._batch_norm._mean', Number.NEGATIVE_INFINITY],
  ['conv._batch_norm._variance', -1e-3],
  ['velocity.out.bias', Number.POSITIVE_INFINITY],
])('a checkpoint whose %s holds %d is neither written nor read', async (name, value) => {
  const { model, optimizer } = tinyTraining(device);
  const checkpoint = await takeCheckpoint(model, optimizer, { config: CONFIG, progress: BEGINNING });
  const bytes = encodeCheckpoint(checkpoint);
  const message = expect.stringContaining(`${name} holds ${value}`);

  const velocity = name.replace(/^velocity\./, '');
  const { data } = (
    velocity === name ? checkpoint.model.get(name) : checkpoint.optimizer.slots.velocity!.get(velocity)
  )!;
  data[data.length - 1] = value;
  expect(() => encodeCheckpoint(checkpoint)).toThrow(
    expect.objectContaining({ code: 'not-finite', message }),
  );

  const header = JSON.parse(Buffer.from(bytes.subarray(8, 8 + bytes[0]! + 256 * bytes[1]!)).toString());
  const end = 8 + bytes[0]! + 256 * bytes[1]! + header[name].data_offsets[1];
  new DataView(bytes.buffer, bytes.byteOffset).setFloat32(end - 4, value, true);
  expect(() => decodeCheckpoint(bytes)).toThrow(expect.objectContaining({ code: 'bad-file', message }));
});
