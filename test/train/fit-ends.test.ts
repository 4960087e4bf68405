import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Device } from '../../src/device/device.ts';
import { decodeSafetensors, encodeSafetensors } from '../../src/io/safetensors.ts';
import { auc } from '../../src/judge/auc.ts';
import { full, upload } from '../../src/tensor/create.ts';
import { tensorStatistics } from '../../src/tensor/scope.ts';
import type { BatchSource } from '../../src/train/batch-source.ts';
import {
  checkSameTraining,
  type ModelConfig,
  modelOfCheckpoint,
  restoreCheckpoint,
  takeCheckpoint,
} from '../../src/train/checkpoint.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../src/train/checkpoint-format.ts';
import { type Evaluation, evaluate } from '../../src/train/evaluate.ts';
import { fit } from '../../src/train/fit.ts';
import type { FitOptions, StepReport } from '../../src/train/fit-options.ts';
import { predict } from '../../src/train/inference.ts';
import { confusion } from '../../src/train/metrics.ts';
import { BEGINNING, type EpochReport } from '../../src/train/progress.ts';
import { StepLog } from '../../src/train/step-log.ts';
import { testDevice } from '../support/device.ts';
import { noise, tinyTraining } from './tiny.ts';

const TRAINING = noise([6, 6, 3], 1);
const VALIDATION = noise([5, 5, 2], 2);
const CONFIG: ModelConfig = { layers: 50, classDim: 1, size: 16, channelOrder: 'bgr' };

let device: Device;
beforeEach(async () => {
  device = await testDevice();
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** A training of two epochs, and what it reported. */
function training(changes: Partial<FitOptions> = {}) {
  const steps: StepReport[] = [];
  const epochs: EpochReport[] = [];
  const options: FitOptions = {
    ...tinyTraining(device),
    training: TRAINING,
    validation: VALIDATION,
    epochs: 2,
    onStep: (report) => steps.push(report),
    onEpoch: (report) => void epochs.push(report),
    ...changes,
  };
  return { options, steps, epochs };
}

/** The source, with something done before one of its batches. */
const before = (source: BatchSource, index: number, act: () => void): BatchSource => ({
  length: source.length,
  async *epoch(epoch, options) {
    for await (const batch of source.epoch(epoch, options)) {
      if (batch.index === index) act();
      yield batch;
    }
  },
});

test('what is done already is not done again', async () => {
  const { progress } = await fit(training().options);
  const done = training({ start: progress });
  expect(await fit(done.options)).toEqual({ progress, reason: 'finished' });
  const most = training({ start: { ...progress, epoch: 1 }, maxSteps: 6 });
  expect((await fit(most.options)).reason).toBe('max-steps');
  expect([...done.steps, ...most.steps, ...done.epochs, ...most.epochs]).toEqual([]);
});

test('a signal that was given before is a training of no steps', async () => {
  const stopped = new AbortController();
  stopped.abort();
  const { options, steps, epochs } = training({ signal: stopped.signal });
  expect(await fit(options)).toEqual({ progress: BEGINNING, reason: 'aborted' });
  expect([steps, epochs]).toEqual([[], []]);
});

test('as many steps as an epoch, or as all of them, end it as any other number does', async () => {
  const part = training({ maxSteps: 3 });
  const { progress, reason } = await fit(part.options);
  // The epoch was validated; the next one has not begun.
  expect(part.epochs).toHaveLength(1);
  expect(reason).toBe('max-steps');
  expect(progress).toMatchObject({ step: 3, epoch: 1, batch: 0, history: part.epochs });
  const whole = training({ maxSteps: 6 });
  expect((await fit(whole.options)).reason).toBe('finished');
  expect(whole.epochs).toHaveLength(2);
});

test('a validation that is aborted is done again, and its epoch not trained again', async () => {
  const whole = training();
  const expected = await fit(whole.options);

  const stop = new AbortController();
  const failed = vi.fn();
  const validation = before(VALIDATION, 1, () => stop.abort());
  const first = training({ signal: stop.signal, validation, onFailedValidation: failed });
  const { progress, reason } = await fit(first.options);
  expect(reason).toBe('aborted');
  expect(progress).toMatchObject({ step: 3, epoch: 0, batch: 3, history: [] });
  expect([first.epochs.length, failed.mock.calls.length]).toEqual([0, 0]);

  const { model, optimizer } = first.options;
  const second = training({ model, optimizer, start: progress });
  expect(await fit(second.options)).toEqual(expected);
  expect([...first.steps, ...second.steps]).toEqual(whole.steps);
  expect(second.epochs).toEqual(whole.epochs);
});

test('a signal ends recalibrating too', async () => {
  const stop = new AbortController();
  const asked: number[] = [];
  const calibration: BatchSource = {
    length: 3,
    async *epoch(epoch) {
      for await (const batch of TRAINING.epoch(epoch)) {
        asked.push(batch.index);
        if (batch.index === 1) stop.abort();
        yield batch;
      }
    },
  };
  const { options } = training({ signal: stop.signal, recalibrate: calibration });
  expect(await fit(options)).toMatchObject({ reason: 'aborted', progress: { epoch: 0, batch: 3 } });
  expect(asked).toEqual([0, 1]);
});

test('an epoch without photographs is told by its number, unless it was stopped', async () => {
  const stop = new AbortController();
  const empty = (act: () => void): BatchSource => ({
    length: 1,
    async *epoch(epoch, options) {
      if (epoch === 0) yield* TRAINING.epoch(epoch, options);
      else act();
    },
  });
  await expect(fit(training({ training: empty(() => {}) }).options)).rejects.toMatchObject({
    code: 'bad-data',
    message: expect.stringMatching(/^epoch 2 has no photographs to train on/),
  });
  const stopped = training({ training: empty(() => stop.abort()), signal: stop.signal });
  expect(await fit(stopped.options)).toMatchObject({ reason: 'aborted', progress: { epoch: 1, batch: 0 } });
});

test('a signal in the last step of an epoch keeps it from being validated', async () => {
  const stop = new AbortController();
  const { options, epochs } = training({
    signal: stop.signal,
    onStep: ({ step }) => step === 3 && stop.abort(),
  });
  const { progress, reason } = await fit(options);
  expect(reason).toBe('aborted');
  expect(progress).toMatchObject({ epoch: 0, batch: 3, step: 3 });
  expect(epochs).toEqual([]);
});

test('it trains in training mode, whatever mode the model was in, and waits for who saves', async () => {
  const whole = training();
  await fit(whole.options);
  const events: string[] = [];
  const other = training({
    onStep: ({ step }) => events.push(`step ${step}`),
    onEpoch: async ({ epoch }) => {
      events.push(`epoch ${epoch}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
      events.push('saved');
    },
  });
  other.options.model.eval();
  const { progress } = await fit(other.options);
  expect(progress.history).toEqual(whole.epochs);
  expect(other.options.model.training).toBe(true);
  expect(events).toEqual([
    ...['step 1', 'step 2', 'step 3', 'epoch 0', 'saved'],
    ...['step 4', 'step 5', 'step 6', 'epoch 1', 'saved'],
  ]);
});

test('the figures of an epoch are sums that go on within it, and begin anew with the next', async () => {
  const { options, steps, epochs } = training({ maxSteps: 4 });
  const { progress } = await fit(options);
  const [last] = steps.slice(3);
  expect(progress.loss).toEqual({
    batches: 1,
    samples: 6,
    sum: last!.loss,
    weightedSum: 6 * last!.loss,
  });
  expect(progress.accuracy).toMatchObject({ batches: 1, samples: 6, sum: last!.accuracy });
  const of = steps.slice(0, 3);
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  expect(epochs[0]!.training.accuracy).toBeCloseTo(mean(of.map(({ accuracy }) => accuracy)), 12);
  expect(epochs[0]).toMatchObject({ epoch: 0, step: 3 });
});

test('where the source fails its own error is thrown, and no memory kept', async () => {
  const failing = before(TRAINING, 1, () => {
    throw new Error('unreadable');
  });
  const failed = vi.fn();
  const { options } = training({ training: failing, onFailedValidation: failed });
  const run = async () => {
    await expect(fit(options)).rejects.toThrow('unreadable');
    return { ...tensorStatistics(device), bytes: device.statistics.bytesInUse };
  };
  expect(await run()).toEqual(await run());
  expect(failed).not.toHaveBeenCalled();
});

test('an evaluation has the mean over batches, the one over photographs, AUC and the four counts', async () => {
  const { model } = tinyTraining(device);
  const found = await evaluate(model, VALIDATION);
  const perBatch: (Evaluation & { size: number })[] = [];
  for (const [index, size] of [5, 5, 2].entries()) {
    const only: BatchSource = {
      length: 1,
      async *epoch() {
        for await (const batch of VALIDATION.epoch(0)) if (batch.index === index) yield batch;
      },
    };
    perBatch.push({ size, ...(await evaluate(model, only)) });
  }
  const mean = (key: 'loss' | 'accuracy') => perBatch.reduce((sum, batch) => sum + batch[key], 0) / 3;
  expect(found.loss).toBeCloseTo(mean('loss'), 6);
  expect(found.accuracy).toBeCloseTo(mean('accuracy'), 12);
  const weighted = perBatch.reduce((sum, { size, accuracy }) => sum + size * accuracy, 0) / 12;
  expect(found.weightedAccuracy).toBeCloseTo(weighted, 12);
  expect(found.labels).toEqual(Float32Array.from(perBatch.flatMap(({ labels }) => [...labels])));
  expect(found.names).toEqual(perBatch.flatMap(({ names }) => names));
  expect(found.auc).toBeCloseTo(auc(found.probabilities, found.labels), 12);
  expect(found.confusion).toEqual(confusion(found.probabilities, found.labels));
});

test('AUC keeps apart what probabilities no longer tell: it is that of the logits', async () => {
  const { model } = tinyTraining(device);
  const weight = model.out.weight.tensor;
  const { probabilities, auc: small } = await evaluate(model, VALIDATION);
  expect(new Set(probabilities).size).toBe(12);
  upload(weight, (await weight.data()).map((value) => 1e4 * value) as Float32Array);
  const large = await evaluate(model, VALIDATION);
  expect(new Set(large.probabilities).size).toBeLessThan(12);
  expect(large.auc).toBe(small);
});

test.each([
  ['evaluate', evaluate],
  ['predict', predict],
])('%s ends with the reason of the signal, and leaves the model as it was', async (_name, judge) => {
  const { model } = tinyTraining(device);
  const tensors = tensorStatistics(device);
  const stop = new AbortController();
  const source = before(VALIDATION, 1, () => stop.abort(new Error('enough')));
  await expect(judge(model, source, { signal: stop.signal })).rejects.toThrow('enough');
  expect(model.training).toBe(true);
  expect(tensorStatistics(device)).toEqual(tensors);
  expect((await judge(model, VALIDATION)).names).toHaveLength(12);
});

test('the results of steps are read when ten have gathered, or some time has passed, in their order', async () => {
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  const read: [number, number, number][] = [];
  const log = new StepLog<number>(device, ['accuracy'], (note, { loss, accuracy }) =>
    read.push([note, loss!, accuracy!]),
  );
  const add = (note: number) =>
    log.add(note, { loss: full(device, [1], note), accuracy: full(device, [1], note / 2) });
  const tensors = tensorStatistics(device);
  for (let note = 1; note <= 9; note++) await add(note);
  await device.finished();
  expect(read).toEqual([]);
  await add(10);
  await add(11);
  const values = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, i) => [from + i, from + i, (from + i) / 2]);
  expect(read).toEqual(values(1, 10));
  now = 199;
  await add(12);
  now = 200;
  await add(13);
  await add(14);
  expect(read).toEqual(values(1, 13));
  now = 399;
  await add(15);
  await add(16);
  expect(read).toEqual(values(1, 13));
  await log.drain();
  expect(read).toEqual(values(1, 16));
  await log.drain();
  expect(read).toHaveLength(16);
  expect(tensorStatistics(device)).toEqual(tensors);
  const { bytesInUse } = device.statistics;
  log.dispose();
  expect(device.statistics.bytesInUse).toBeLessThan(bytesInUse);
});

test('a checkpoint is read back as it was, with its settings or without', async () => {
  const { model, optimizer } = tinyTraining(device);
  const plain = await takeCheckpoint(model, optimizer, { config: CONFIG, progress: BEGINNING });
  expect(decodeCheckpoint(encodeCheckpoint(plain))).toEqual(plain);
  expect(Object.keys(decodeCheckpoint(encodeCheckpoint(plain)))).not.toContain('settings');
  const told = { ...plain, settings: { seed: 1, photographs: '2 of digest a' } };
  expect(decodeCheckpoint(encodeCheckpoint(told))).toEqual(told);
  expect([...plain.optimizer.slots.velocity!.keys()]).toContain('out.bias');
});

test('a checkpoint of another network is bad data, and what to do is said', async () => {
  const { model, optimizer } = tinyTraining(device);
  const checkpoint = await takeCheckpoint(model, optimizer, { config: CONFIG, progress: BEGINNING });
  const entry = { shape: [1], data: new Float32Array(1) };
  const more = { ...checkpoint, model: new Map([...checkpoint.model, ['extra', entry]]) };
  expect(() => restoreCheckpoint(more, model, optimizer)).toThrow(
    expect.objectContaining({ code: 'bad-data', message: expect.stringContaining('from another model') }),
  );
  const wide = { ...checkpoint, config: { ...CONFIG, classDim: 2 } };
  expect(() => modelOfCheckpoint(device, wide)).toThrow(expect.objectContaining({ code: 'bad-file' }));
  expect(() => checkSameTraining(checkpoint, { config: { ...CONFIG, size: 32 } })).toThrow(
    /start a new training in another folder/,
  );
});

test('a file that is no checkpoint of ours is told by what is missing or other', async () => {
  const { model, optimizer } = tinyTraining(device);
  const bytes = encodeCheckpoint(
    await takeCheckpoint(model, optimizer, { config: CONFIG, progress: BEGINNING }),
  );
  const { tensors, metadata } = decodeSafetensors(bytes);
  const { format, ...rest } = metadata;
  const refusal = (message: RegExp) =>
    expect.objectContaining({ code: 'bad-file', message: expect.stringMatching(message) });
  const changed = (changes: Record<string, string>, without?: string) => {
    const all: Record<string, string> = { ...rest, format: format!, ...changes };
    if (without) delete all[without];
    return encodeSafetensors([...tensors], all);
  };
  expect(() => decodeCheckpoint(changed({}, 'format'))).toThrow(
    refusal(/has format \(none\), a checkpoint has fovea-/),
  );
  expect(() => decodeCheckpoint(changed({ format: 'pt' }))).toThrow(refusal(/has format pt/));
  for (const key of ['model', 'optimizerStep', 'progress']) {
    expect(() => decodeCheckpoint(changed({}, key))).toThrow(
      refusal(new RegExp(`metadata "${key}" is missing`)),
    );
  }
  const whole = { dtype: 'I32', shape: [1], data: Int32Array.of(1) } as const;
  const integers = encodeSafetensors([...tensors, ['count', whole]], metadata);
  expect(() => decodeCheckpoint(integers)).toThrow(refusal(/"count" is I32, not F32/));
});
