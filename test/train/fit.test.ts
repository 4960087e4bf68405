import { expect, test } from 'vitest';
import { decodeSafetensors, encodeSafetensors } from '../../src/io/safetensors.ts';
import {
  checkSameTraining,
  type ModelConfig,
  modelOfCheckpoint,
  restoreCheckpoint,
  takeCheckpoint,
} from '../../src/train/checkpoint.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../src/train/checkpoint-format.ts';
import { evaluate } from '../../src/train/evaluate.ts';
import { fit } from '../../src/train/fit.ts';
import type { FitOptions, StepReport } from '../../src/train/fit-options.ts';
import { predict } from '../../src/train/inference.ts';
import { binaryAccuracy } from '../../src/train/metrics.ts';
import type { EpochReport } from '../../src/train/progress.ts';
import { testDevice } from '../support/device.ts';
import { noise, tinyTraining } from './tiny.ts';

const TRAINING = noise([6, 6, 3], 1);
const VALIDATION = noise([5, 5, 2], 2);
const EPOCHS = 3;
const CONFIG: ModelConfig = { layers: 50, classDim: 1, size: 16, channelOrder: 'bgr' };

/** Trains and returns all there is to compare. */
async function run(changes: Partial<FitOptions> = {}, resumed?: Uint8Array) {
  const { model, optimizer } = tinyTraining(await testDevice());
  const checkpoint = resumed && decodeCheckpoint(resumed);
  if (checkpoint) restoreCheckpoint(checkpoint, model, optimizer);
  const steps: StepReport[] = [];
  const epochs: EpochReport[] = [];
  const result = await fit({
    model,
    optimizer,
    training: TRAINING,
    validation: VALIDATION,
    epochs: EPOCHS,
    start: checkpoint?.progress,
    onStep: (report) => steps.push(report),
    onEpoch: (report) => void epochs.push(report),
    ...changes,
  });
  const end = await takeCheckpoint(model, optimizer, { config: CONFIG, progress: result.progress });
  return { model, result, steps, epochs, bytes: encodeCheckpoint(end) };
}

test('reports every step and epoch, with figures that agree', async () => {
  const { model, result, steps, epochs } = await run();
  expect(result.reason).toBe('finished');
  expect(steps.map(({ step, epoch, batch, samples }) => [step, epoch, batch, samples])).toEqual(
    Array.from({ length: 9 }, (_, i) => [i + 1, Math.floor(i / 3), i % 3, i % 3 === 2 ? 3 : 6]),
  );
  expect(steps[0]!.learningRate).toBe(0.1);
  expect(steps[8]!.learningRate).toBe(0.01);
  const last = steps.slice(-3);
  const { training, validation } = epochs[2]!;
  expect(training.loss).toBeCloseTo(last.reduce((sum, { loss }) => sum + loss, 0) / 3, 12);
  expect(training.weightedAccuracy).toBeCloseTo(
    last.reduce((sum, step) => sum + step.accuracy * step.samples, 0) / 15,
    12,
  );

  const { names, labels, classDim, logits, probabilities, ...figures } = await evaluate(model, VALIDATION);
  expect(figures).toEqual(validation);
  expect(names).toHaveLength(12);
  expect(figures.weightedAccuracy).toBeCloseTo(binaryAccuracy(probabilities, labels), 12);
  expect(model.training).toBe(true);
  expect(await predict(model, VALIDATION)).toEqual({ names, classDim, logits, probabilities });
});

test.each([
  ['within an epoch', 4, undefined],
  ['at the end of one', 3, undefined],
  ['within an epoch, recalibrating,', 4, TRAINING],
])('gives the same bytes when stopped %s and gone on with', async (_, maxSteps, recalibrate) => {
  const whole = await run({ recalibrate });
  const first = await run({ recalibrate, maxSteps });
  expect(first.result).toMatchObject({ reason: 'max-steps', progress: { step: maxSteps } });
  const second = await run({ recalibrate }, first.bytes);
  expect([...first.steps, ...second.steps]).toEqual(whole.steps);
  expect([...first.epochs, ...second.epochs]).toEqual(whole.epochs);
  expect(second.bytes).toEqual(whole.bytes);
});

test('recalibrating before each validation leaves the weights alone', async () => {
  const plain = await run();
  const recalibrated = await run({ recalibrate: TRAINING });
  expect(recalibrated.steps).toEqual(plain.steps);
  expect(recalibrated.epochs).not.toEqual(plain.epochs);
  const weights = ({ bytes }: typeof plain) => decodeCheckpoint(bytes).optimizer;
  expect(weights(recalibrated)).toEqual(weights(plain));
  const statistics = await recalibrated.model.conv.batchNorm.mean.tensor.data();
  await evaluate(recalibrated.model, VALIDATION);
  expect(await recalibrated.model.conv.batchNorm.mean.tensor.data()).toEqual(statistics);
});

test('stops on a signal and leaves what can be gone on with', async () => {
  const whole = await run();
  const stop = new AbortController();
  const first = await run({
    signal: stop.signal,
    onStep: ({ step }) => step === 2 && stop.abort(),
  });
  expect(first.result.reason).toBe('aborted');
  expect(first.result.progress.step).toBeLessThan(9);
  expect((await run({}, first.bytes)).bytes).toEqual(whole.bytes);
});

test('refuses checkpoints of another model and other files', async () => {
  const { bytes } = await run({ maxSteps: 1 });
  const checkpoint = decodeCheckpoint(bytes);
  const { model, optimizer } = tinyTraining(await testDevice());
  const entry = { shape: [1], data: new Float32Array(1) };
  const more = { ...checkpoint, model: new Map([...checkpoint.model, ['extra', entry]]) };
  expect(() => restoreCheckpoint(more, model, optimizer)).toThrow(
    /1 entry that the module lacks, extra first/,
  );
  const fewer = { ...checkpoint, model: new Map([...checkpoint.model].slice(1)) };
  expect(() => restoreCheckpoint(fewer, model, optimizer)).toThrow(/none called conv/);
  const velocity = new Map([...checkpoint.optimizer.slots.velocity!].slice(1));
  const still = { ...checkpoint.optimizer, slots: { velocity } };
  expect(() => restoreCheckpoint({ ...checkpoint, optimizer: still }, model, optimizer)).toThrow(
    /none called conv/,
  );
  expect(await model.stateDict()).toEqual(await tinyTraining(await testDevice()).model.stateDict());
  expect((await optimizer.stateDict()).step).toBe(0);
  const odd = { ...checkpoint, config: { ...CONFIG, layers: 20 as 50 } };
  expect(() => encodeCheckpoint(odd)).toThrow(
    /config of encodeCheckpoint's checkpoint is an object: it must be a ModelConfig { layers: 18 or 34 or 50 or 101 or 152/,
  );
  const negative = { ...checkpoint, progress: { ...checkpoint.progress, step: -1 } };
  expect(() => encodeCheckpoint(negative)).toThrow(
    /progress of .* must be a TrainingProgress, as fit\(\) and checkpoints give it/,
  );
});

test('a checkpoint of another training is refused, naming what differs and both values', () => {
  const about = { config: CONFIG, settings: { batch: 10, seed: 1 } };
  checkSameTraining(about, about);
  checkSameTraining({ config: CONFIG }, about);
  const others = [
    [{ ...about, config: { ...CONFIG, size: 32 } }, /training with size 32, but this one has size 16: /],
    [
      { ...about, config: { ...CONFIG, channelOrder: 'rgb' } },
      /with channelOrder rgb, but this one has channelOrder bgr/,
    ],
    [{ ...about, settings: { batch: 10, seed: 2 } }, /with seed 2, but this one has seed 1/],
    [{ config: { ...CONFIG, layers: 101 } }, /with layers 101, but this one has layers 50/],
  ] as const;
  for (const [other, message] of others) {
    expect(() => checkSameTraining(other, about)).toThrow(
      expect.objectContaining({ code: 'bad-data', message: expect.stringMatching(message) }),
    );
  }
});

/** A checkpoint whose metadata were changed after it was written. */
function withMetadata(bytes: Uint8Array, changes: Record<string, string>): Uint8Array {
  const { tensors, metadata } = decodeSafetensors(bytes);
  return encodeSafetensors(tensors, { ...metadata, ...changes });
}

test('metadata are checked before anything is believed', async () => {
  const { bytes, result } = await run({ maxSteps: 3 });
  const { history, ...progress } = result.progress;
  const [epoch] = (await run()).epochs;
  const withHistory = (history: unknown) => ({
    progress: JSON.stringify({ ...progress, epoch: 1, history }),
  });
  const model = (changes: object) => ({ model: JSON.stringify({ ...CONFIG, ...changes }) });
  const cases: [Record<string, string>, RegExp][] = [
    [model({ layers: 20 }), /"model": "layers" is 20, not 18 or 34 or 50 or 101 or 152/],
    [model({ size: 20000 }), /"model": "size" is 20000, not a whole number from 1 to 4096/],
    [model({ classDim: 0.5 }), /"model": "classDim" is 0.5, not a whole number of at least 1/],
    [model({ channelOrder: 'grb' }), /"channelOrder" is "grb", not bgr or rgb/],
    [{ model: 'null' }, /"model": it is null, not an object/],
    [withHistory([null]), /"progress": "history.0" is null, not an object/],
    [withHistory([{ ...epoch, validation: {} }]), /"history.0.validation.loss" is missing/],
    [withHistory([]), /"history" has 0 epochs, but "epoch" says 1/],
    [{ progress: JSON.stringify({ ...progress, history, batch: 1.5 }) }, /"batch" is 1.5/],
    [{ progress: JSON.stringify({ ...progress, history, step: -1 }) }, /"step" is -1/],
    [{ progress: JSON.stringify({ ...progress, history, loss: 0 }) }, /"loss" is 0, not an object/],
    [{ optimizerStep: '' }, /"optimizerStep" is not JSON/],
    [{ optimizerStep: '-1' }, /"optimizerStep": it is -1, not a whole number of at least 0/],
    [{ settings: '{"seed":[]}' }, /"settings": "seed" is Array, not a text or a number/],
  ];
  for (const [changes, message] of cases) {
    expect(() => decodeCheckpoint(withMetadata(bytes, changes))).toThrow(
      expect.objectContaining({ code: 'bad-file', message: expect.stringMatching(message) }),
    );
  }
  expect(decodeCheckpoint(withMetadata(bytes, { settings: '{"seed":1}' })).settings).toEqual({ seed: 1 });
});

test('a network of more outputs than the file holds is refused before it is allocated', async () => {
  const device = await testDevice();
  const { bytes } = await run({ maxSteps: 1 });
  const config = { ...CONFIG, classDim: 1e6 };
  const checkpoint = decodeCheckpoint(withMetadata(bytes, { model: JSON.stringify(config) }));
  const { buffersCreated } = device.statistics;
  expect(() => modelOfCheckpoint(device, checkpoint)).toThrow(
    /"classDim" is 1000000, but "out.bias" has shape \[1\]/,
  );
  expect(() => modelOfCheckpoint(device, { ...checkpoint, model: new Map() })).toThrow(
    /there is no tensor "out.bias"/,
  );
  expect(device.statistics.buffersCreated).toBe(buffersCreated);
});
