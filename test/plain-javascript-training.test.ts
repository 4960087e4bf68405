/**
 * @file As plain-javascript.test.ts, for photographs, training and files: what is said of each mistake.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { backward } from '../src/autograd/backward.ts';
import { defineOp } from '../src/autograd/define-op.ts';
import { requiresGrad } from '../src/autograd/graph.ts';
import { type Batch, DataLoader } from '../src/data/data-loader.ts';
import { decodeImage } from '../src/data/decode.ts';
import { ImageDataset } from '../src/data/node/image-dataset.ts';
import { readTrainingFolder, readValidationFolder } from '../src/data/node/read-folders.ts';
import { findDuplicates } from '../src/data/node/sample-files.ts';
import { resizeBilinear } from '../src/data/resize.ts';
import { writeSyntheticDataset } from '../src/data/synth.ts';
import type { Device } from '../src/device/device.ts';
import { encodeSafetensors } from '../src/io/safetensors.ts';
import { writeFileAtomic } from '../src/io/write-file.ts';
import { Module } from '../src/nn/module.ts';
import { Momentum } from '../src/optim/momentum.ts';
import { zeros } from '../src/tensor/create.ts';
import type { BatchSource } from '../src/train/batch-source.ts';
import { takeCheckpoint } from '../src/train/checkpoint.ts';
import { loadCheckpoint, saveCheckpoint } from '../src/train/checkpoint-file.ts';
import { encodeCheckpoint } from '../src/train/checkpoint-format.ts';
import { evaluate } from '../src/train/evaluate.ts';
import { fit } from '../src/train/fit.ts';
import { predict } from '../src/train/inference.ts';
import { confusion, predictedClass } from '../src/train/metrics.ts';
import { appendMetrics } from '../src/train/metrics-log.ts';
import { lossCurveSvg } from '../src/train/plot.ts';
import { BEGINNING } from '../src/train/progress.ts';
import { RunFolder } from '../src/train/run-folder.ts';
import { prepareStep, trainStep } from '../src/train/step.ts';
import { svgToPng } from '../src/train/svg-to-png.ts';
import { TuningTable } from '../src/tune/tuning-table.ts';
import { testDevice } from './support/device.ts';
import { noise, TinyNet, tinyTraining } from './train/tiny.ts';

/** What JavaScript lets one pass. */
// biome-ignore lint/suspicious/noExplicitAny: the types are what is left out here.
const any = (value: unknown): any => value;

const SAMPLES = [{ name: 'a.jpg', path: '/a.jpg', label: 0 }];
const DATASET = new ImageDataset(SAMPLES);
const SOURCE = noise([2], 1);

let device: Device;
let model: TinyNet;
let optimizer: Momentum;
let batch: Batch;
let folder: string;
beforeAll(async () => {
  device = await testDevice();
  ({ model, optimizer } = tinyTraining(device));
  for await (const first of SOURCE.epoch(0)) batch = first;
  folder = await mkdtemp(join(tmpdir(), 'fovea-mistakes-'));
});
afterAll(() => rm(folder, { recursive: true }));

test.each<[string, () => unknown, RegExp]>([
  [
    'a path for a sample',
    () => new ImageDataset(any(['a.jpg'])),
    /sample 0 of ImageDataset is 'a.jpg': it must be an object \{name, path, label, source\}/,
  ],
  [
    'a folder for samples',
    () => new ImageDataset(any('photographs')),
    /samples of ImageDataset is 'photographs'/,
  ],
  [
    'samples that were not awaited',
    () => new ImageDataset(any(Promise.resolve(SAMPLES))),
    /samples of ImageDataset is a Promise: it must be an array; await the promise first/,
  ],
  [
    'a label of NaN',
    () => new ImageDataset([{ ...SAMPLES[0]!, label: Number.NaN }]),
    /label of sample 0 of ImageDataset is NaN: it must be a whole number of at least 0/,
  ],
  [
    'a URL for a path',
    () => new ImageDataset(any([{ ...SAMPLES[0], path: new URL('file:///a.jpg') }])),
    /path of sample 0 of ImageDataset is an URL: it must be the path of a file or folder, a string \(fileURLToPath/,
  ],
  ['no workers', () => new ImageDataset(SAMPLES, { workers: 0 }), /workers of ImageDataset is 0/],
  [
    'an order of colours',
    () => new ImageDataset(SAMPLES, any({ order: 'RGB' })),
    /is 'RGB': it must be 'bgr' or 'rgb'/,
  ],
  [
    'a batch that is misspelt',
    () => new DataLoader(DATASET, any({ batch: 10 })),
    /DataLoader has no option batch, did you mean batchSize\?/,
  ],
  [
    'an endless batch',
    () => new DataLoader(DATASET, { batchSize: Number.POSITIVE_INFINITY }),
    /batchSize of DataLoader is Infinity: it must be a whole number of at least 1/,
  ],
  [
    'samples for a dataset',
    () => new DataLoader(any(SAMPLES), { batchSize: 1 }),
    /the dataset of DataLoader is \[an object\]: it must be an ImageDataset/,
  ],
  [
    'a negative skip',
    () => new DataLoader(DATASET, { batchSize: 1 }).epoch(0, { skip: -1 }).next(),
    /skip of epoch is -1: it must be a whole number of at least 0/,
  ],
  [
    'an image of text',
    () => decodeImage(any('a.jpg')),
    /what decodeImage is given is 'a.jpg': it must be a Uint8Array/,
  ],
  [
    'options that were not awaited',
    () => decodeImage(new Uint8Array(4), any(Promise.resolve({}))),
    /decodeImage takes options \{order, maxPixels\}, got a Promise; await the promise first/,
  ],
  [
    'an image that is cut off',
    () => resizeBilinear({ width: 2, height: 2, channels: 3, order: 'bgr', data: new Uint8Array(9) }, 1, 1),
    /an image of 2×2 pixels has 3 bytes each, but its data has 9/,
  ],
  ['no folder', () => readTrainingFolder(any(undefined)), /dir of readTrainingFolder is undefined/],
  ['no table', () => readValidationFolder('val', any(1)), /labels of readValidationFolder is 1/],
  [
    'a folder, not samples',
    () => findDuplicates(any({ samples: [] })),
    /samples of findDuplicates is an object/,
  ],
  [
    'half a photograph',
    () => writeSyntheticDataset('x', { training: 0.5 }),
    /training of writeSyntheticDataset is 0.5: it must be a whole number from 0 to/,
  ],
  ['a path that is a number', () => writeFileAtomic(any(3), 'x'), /the path of writeFileAtomic is 3/],
  ['data that is an object', () => writeFileAtomic('x', any({})), /the data of writeFileAtomic is an object/],
  [
    'metadata in a Map',
    () => encodeSafetensors([], any(new Map([['a', 'b']]))),
    /the metadata of encodeSafetensors is a Map: it must be an object of strings/,
  ],
])('data refuse %s', async (_, call, message) => {
  await expect((async () => call())()).rejects.toThrow(
    expect.objectContaining({
      code: expect.stringMatching(/^(invalid-argument|shape-mismatch)$/),
      message: expect.stringMatching(message),
    }),
  );
});

const options = () => ({ model, optimizer, training: SOURCE, validation: SOURCE, epochs: 1 });

test.each<[string, object, RegExp]>([
  ['epochs in words', { epochs: '10' }, /^epochs of fit is '10': it must be a whole number of at least 1$/],
  ['no epochs', { epochs: 0 }, /epochs of fit is 0: it must be a whole number of at least 1/],
  [
    'steps of NaN',
    { maxSteps: Number.NaN },
    /maxSteps of fit is NaN: it must be a whole number of at least 0/,
  ],
  [
    'a dataset that is not in a loader',
    { training: DATASET },
    /training of fit is an ImageDataset: it must be a DataLoader, or a BatchSource of your own \{ length, epoch\(\) \}/,
  ],
  ['a validation that is left out', { validation: undefined }, /validation of fit is undefined/],
  ['a model that is a function', { model: () => {} }, /model of fit is a function: it must be a Module/],
  [
    'an optimizer of another make',
    { optimizer: {} },
    /optimizer of fit is an object: it must be an optimizer/,
  ],
  ['a controller for its signal', { signal: new AbortController() }, /signal of fit is an AbortController/],
  ['a start that is a step', { start: 3 }, /start of fit is 3: it must be a TrainingProgress/],
  ['a start with half its numbers', { start: { ...BEGINNING, batch: 0.5 } }, /start of fit is an object/],
  ['a misspelt option', { onstep: () => {} }, /fit has no option onstep, did you mean onStep\?/],
  [
    'an unknown option',
    { learningRate: 1 },
    /fit has no option learningRate: its options are model, optimizer/,
  ],
])('fit refuses %s', async (_, changes, message) => {
  await expect(fit({ ...options(), ...any(changes) })).rejects.toThrow(
    expect.objectContaining({ code: 'invalid-argument', message: expect.stringMatching(message) }),
  );
});

test.each<[string, object, string, RegExp]>([
  [
    'pixels for another size',
    { size: 8 },
    'shape-mismatch',
    /trainStep's batch of 2 images of 8×8 takes 384 bytes, 3 per pixel, but its images have 1536/,
  ],
  ['a label too few', { labels: new Float32Array(1) }, 'shape-mismatch', /has 2 names, but 1 label:/],
  ['a label of NaN', { labels: new Float32Array([Number.NaN, 0]) }, 'bad-data', /label of sample 0 is NaN/],
  [
    'labels in an array',
    { labels: [0, 1] },
    'invalid-argument',
    /labels of trainStep's batch is \[0, 1\]: .* Float32Array/,
  ],
  [
    'images that are left out',
    { images: undefined },
    'invalid-argument',
    /images of trainStep's batch is undefined/,
  ],
  ['no names', { names: [] }, 'invalid-argument', /names of .* must be an array of strings, at least one/],
])('trainStep refuses %s', (_, changes, code, message) => {
  const before = device.statistics.dispatches;
  expect(() => trainStep(model, optimizer, { ...batch, ...any(changes) })).toThrow(
    expect.objectContaining({ code, message: expect.stringMatching(message) }),
  );
  expect(device.statistics.dispatches).toBe(before);
});

test('a label of 2 is refused once the model has given one logit, and updates nothing', async () => {
  const { step } = await optimizer.stateDict();
  const labels = new Float32Array([0, 2]);
  expect(() => trainStep(model, optimizer, { ...batch, labels })).toThrow(
    /label of sample 1 is 2, not 0 or 1/,
  );
  expect((await optimizer.stateDict()).step).toBe(step);
});

test('a tensor, a loader or nothing in place of a batch', async () => {
  expect(() => trainStep(model, optimizer, any(zeros(device, [1])))).toThrow(
    /images of trainStep's batch is undefined/,
  );
  expect(() => trainStep(model, any(batch), any(undefined))).toThrow(
    /the optimizer of trainStep is an object/,
  );
  await expect(prepareStep(any(undefined), optimizer, batch)).rejects.toThrow(
    /the model of prepareStep is undefined/,
  );
});

test.each<[string, unknown, RegExp]>([
  [
    'gives nothing',
    () => undefined,
    /what epoch\(\) of predict's source gives is undefined: it must be an AsyncIterable/,
  ],
  ['gives a promise of batches', async () => [batch], /source gives is a Promise: .*await the promise first/],
  ['gives no batches', () => [{}], /images of predict's batch is undefined: it must be a Uint8Array/],
  ['gives half a batch', () => [{ ...batch, size: 1 }], /predict's batch of 2 images of 1×1 takes 6 bytes/],
])('a source of batches that %s', async (_, epoch, message) => {
  await expect(predict(model, any({ length: 1, epoch }))).rejects.toThrow(message);
});

test('a source of batches of any class does, as does a list of them', async () => {
  const source = { length: 1, epoch: () => [batch] };
  expect((await predict(model, any(source) as BatchSource)).names).toEqual(batch.names);
});

test('a signal in place of options', async () => {
  await expect(evaluate(model, SOURCE, any(new AbortController().signal))).rejects.toThrow(
    /evaluate takes options \{signal, loss, metrics, forward\}, got an AbortSignal/,
  );
});

test('a model without forward, or one that gives nothing', async () => {
  const Unfinished = any(Module);
  expect(() => new Unfinished(device)(zeros(device, [1]))).toThrow(
    /forward of Module is undefined: it must be a function/,
  );
  class Silent extends TinyNet {
    override forward() {
      return any(undefined);
    }
  }
  await expect(predict(new Silent(device), SOURCE)).rejects.toThrow(
    /the result of the model Silent is undefined: it must be a Tensor/,
  );
});

test('an op whose passes give nothing', () => {
  const x = requiresGrad(zeros(device, [1]));
  const forward = any(() => {});
  expect(() => defineOp({ name: 'empty', forward, backward: () => [] })([x], {})).toThrow(
    /what forward of empty gives is undefined: it must be an object \{ output, saved \}/,
  );
  const backwardOf = (result: unknown) =>
    defineOp({ name: 'own', forward: ([y]) => ({ output: y!, saved: {} }), backward: () => any(result) });
  expect(() => backward(backwardOf(undefined)([x], {}))).toThrow(/what backward of own gives is undefined/);
  expect(() => backward(backwardOf([5])([x], {}))).toThrow(/the gradient of input 0 of backward of own is 5/);
});

test('a schedule that gives no rate, and an optimizer that was disposed', () => {
  const own = new TinyNet(device);
  const schedule = new Momentum({ parameters: own.parameters(), learningRate: { at: () => Number.NaN } });
  expect(() => trainStep(own, schedule, batch)).toThrow(/the learning rate of update 0 is NaN/);
  schedule.dispose();
  expect(() => schedule.step()).toThrow(
    expect.objectContaining({ code: 'disposed', message: expect.stringContaining('make another one') }),
  );
  const disposed = tinyTraining(device);
  disposed.model.dispose();
  expect(() => trainStep(disposed.model, disposed.optimizer, batch)).toThrow(
    expect.objectContaining({ code: 'disposed' }),
  );
});

test('a slice that WebGPU would refuse leaves the device usable', async () => {
  const slice = device.allocate(256);
  for (const changes of [{ offset: 2 }, { bytes: 1 }, { bytes: '16' }, { offset: Number.NaN }])
    expect(() => device.clear(any({ ...slice, ...changes }))).toThrow(
      /does not lie in its buffer of 256 bytes, in words of 4/,
    );
  expect(() => device.clear(any(undefined))).toThrow(/clear takes slices of buffers, got undefined/);
  await device.finished();
  device.free(slice);
});

test('a checkpoint with something that is none', async () => {
  const about = {
    config: { layers: 50, classDim: 1, size: 16, channelOrder: 'bgr' },
    progress: BEGINNING,
  } as const;
  const checkpoint = await takeCheckpoint(model, optimizer, about);
  expect(() => encodeCheckpoint({ ...checkpoint, model: any(new Map([['a', 1]])) })).toThrow(
    /a of the model of encodeCheckpoint's checkpoint is 1: it must be an object \{shape, data\}/,
  );
  await expect(takeCheckpoint(model, optimizer, any({ progress: BEGINNING }))).rejects.toThrow(
    /config of what takeCheckpoint is told is undefined: it must be a ModelConfig/,
  );
  await expect(saveCheckpoint(any(undefined), checkpoint)).rejects.toThrow(
    /the path of saveCheckpoint is undefined/,
  );
  await expect(loadCheckpoint(any(Buffer.from('a')))).rejects.toThrow(
    /the path of loadCheckpoint is a Buffer/,
  );
});

test('folders and lines of metrics', async () => {
  await expect(
    RunFolder.create(
      folder,
      any(() => {}),
    ),
  ).rejects.toThrow(/the config of RunFolder.create is a function/);
  const circle: Record<string, unknown> = {};
  circle.itself = circle;
  await expect(RunFolder.create(folder, circle)).rejects.toThrow(/it must be an object that JSON can hold/);
  expect(() => new (any(RunFolder))(folder)).toThrow(/no public constructor: use RunFolder.create\(\)/);
  expect(() => appendMetrics(join(folder, 'metrics'), any({ kind: 'step', step: 1 }))).toThrow(
    /the line of appendMetrics is an object: it must be a report of fit's/,
  );
});

test('figures and pictures', async () => {
  expect(() => confusion(any(zeros(device, [1])), [0])).toThrow(
    /the predictions of confusion is a Tensor: it must be an array of numbers/,
  );
  expect(() => predictedClass(any('0.5'))).toThrow(/a probability must lie between 0 and 1, got '0.5'/);
  expect(() => lossCurveSvg(any({ title: 'a', training: [1], validation: [] }))).toThrow(
    /training of lossCurveSvg is \[1\]: it must be an array of \{ step, loss \}, both numbers/,
  );
  await expect(svgToPng('<svg/>', 0)).rejects.toThrow(
    /the width of svgToPng is 0: it must be a whole number from 1/,
  );
});

test('a tuning table is taken from an iterator too', () => {
  const choices = new TuningTable([['key', 'algorithm']]);
  expect(new TuningTable(choices.entries()).size).toBe(1);
  expect(() => new TuningTable(any([['key']]))).toThrow(
    /an entry of a tuning table is \['key'\]: .*two strings/,
  );
});
