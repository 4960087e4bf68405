/**
 * @file What commands need is done once: predictions are judged, models built, files read; and a device is opened only where it is used.
 */

import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { evalCommand } from '../../src/cli/eval.ts';
import { openDevice } from '../../src/cli/open-device.ts';
import { readWeightBytes } from '../../src/cli/read-weights.ts';
import { reportCommand } from '../../src/cli/report/command.ts';
import { newTraining } from '../../src/cli/train/given-settings.ts';
import { loadInitialWeights } from '../../src/cli/train/initial-weights.ts';
import type { RunConfig } from '../../src/cli/train/run-config.ts';
import { readSets } from '../../src/cli/train/training-data.ts';
import { writeResults } from '../../src/cli/train/write-results.ts';
import { DataLoader } from '../../src/data/data-loader.ts';
import { ImageDataset } from '../../src/data/node/image-dataset.ts';
import { writeSyntheticDataset } from '../../src/data/synth.ts';
import type { Device } from '../../src/device/device.ts';
import { judge } from '../../src/judge/judgement.ts';
import { ResNet } from '../../src/nn/resnet.ts';
import { Momentum } from '../../src/optim/momentum.ts';
import { modelOfCheckpoint, takeCheckpoint } from '../../src/train/checkpoint.ts';
import { RunFolder } from '../../src/train/run-folder.ts';
import { temporaryFolder } from '../data/fixtures.ts';
import { openTestDevice } from '../support/device.ts';
import { checkpointAfter } from '../train/run-folders.ts';
import { printedBy } from './printed.ts';

vi.mock('../../src/judge/judgement.ts', { spy: true });
vi.mock('../../src/train/checkpoint.ts', { spy: true });
vi.mock('../../src/cli/open-device.ts', { spy: true });
vi.mock('../../src/cli/read-weights.ts', { spy: true });

const ABOUT = { config: { layers: 18, classDim: 1, size: 32, channelOrder: 'bgr' } } as const;
/** Of two photographs that are the same picture, under both labels: one is a mistake whatever the network says. */
const PREDICTIONS = {
  ...{ names: ['V0001.jpg', 'V0002.jpg'], labels: Float32Array.of(0, 1), classDim: 1 },
  ...{ logits: Float32Array.of(2, 2), probabilities: Float32Array.of(0.88, 0.88) },
};
const { progress } = checkpointAfter([{ auc: 0.5 }]);

let device: Device;
let model: ResNet;
let run: string;
let config: RunConfig;

beforeAll(async () => {
  const folder = await temporaryFolder();
  await writeSyntheticDataset(folder, { training: 2, validation: 2, size: 32 });
  const [train, val] = ['PALM-Training400', 'PALM-Validation400'].map((name) => join(folder, name));
  const labels = join(folder, 'labels.csv');
  await copyFile(join(val!, 'V0001.jpg'), join(val!, 'V0002.jpg'));
  await writeFile(labels, 'imgName,Label\nV0001.jpg,0\nV0002.jpg,1\n');
  config = {
    ...{ train: train!, val: val!, labels, layers: 18, size: 32, batch: 2, epochs: 1, lr: 0.1, seed: 1 },
    ...{ onCorrupt: 'throw', best: 'auc' },
  };
  run = join(folder, 'run');
  device = await openTestDevice();
  model = new ResNet(device, { layers: 18, classDim: 1 });
  const optimizer = new Momentum({ parameters: model.parameters(), learningRate: 0.1 });
  const taken = await takeCheckpoint(model, optimizer, { ...ABOUT, progress });
  const kept = await RunFolder.create(run, config);
  await kept.save({ ...taken, optimizer: { ...taken.optimizer, slots: {} } }, PREDICTIONS);
  await kept.close();
});
afterAll(() => device.destroy());
beforeEach(() => {
  vi.clearAllMocks();
});

const call = (command: Command, ...args: string[]) =>
  printedBy(() => command.parseAsync([...args, '--adapter', 'software'], { from: 'user' }));

test('a training judges its best epoch once, for the model card and the report', async () => {
  const { training, validation } = await readSets(config);
  const [first, second] = [training, validation].map(
    ({ samples }) => new DataLoader(new ImageDataset(samples, { size: 32 }), { batchSize: 2 }),
  );
  const data = { classes: training.classes, training: first!, validation: second! };
  const folder = await RunFolder.open(run);
  const result = { progress, reason: 'finished' } as const;
  await writeResults(folder, {
    config: { ...config, photographs: false },
    ...{ about: ABOUT, data, device, result },
  });
  await folder.close();
  expect(judge).toHaveBeenCalledTimes(1);
  expect(modelOfCheckpoint).not.toHaveBeenCalled();
  expect(await readFile(join(run, 'model-card.md'), 'utf8')).toContain('sensitivity at 0.5');
  expect(await readFile(join(run, 'report.html'), 'utf8')).toContain('ROC curve');
});

test('an evaluation with its report judges once and builds one model', async () => {
  const report = join(run, 'evaluation.html');
  await call(
    evalCommand,
    ...['--val', config.val!, '--labels', config.labels!],
    ...['--checkpoint', join(run, 'last.safetensors'), '--report', report],
  );
  expect(judge).toHaveBeenCalledTimes(1);
  expect(modelOfCheckpoint).toHaveBeenCalledTimes(1);
  expect(await readFile(report, 'utf8')).toContain('src="data:image/jpeg');
});

test('a report opens a device for pictures of mistakes, and not where there are none to draw', async () => {
  vi.mocked(openDevice).mockRejectedValueOnce(new Error('it was opened'));
  await expect(call(reportCommand, run)).rejects.toThrow('it was opened');
  vi.clearAllMocks();
  await call(reportCommand, run, '--no-photographs');
  const photographs = ['V0001.jpg', 'V0002.jpg'].map((name) => join(config.val!, name));
  const bytes = await readFile(photographs[0]!);
  for (const path of photographs) await writeFile(path, 'damaged');
  await call(reportCommand, run);
  for (const path of photographs) await writeFile(path, bytes);
  const path = join(run, 'best.predictions.jsonl');
  const [heading, mistake, right] = (await readFile(path, 'utf8')).split('\n');
  expect(mistake).toContain('"label":0');
  await writeFile(path, [heading, right, ''].join('\n'));
  await call(reportCommand, run);
  expect(openDevice).not.toHaveBeenCalled();
  expect(await readFile(join(run, 'report.html'), 'utf8')).toContain('No photograph was taken');
});

test('--init reads its file once', async () => {
  const init = join(run, 'last.safetensors');
  const options = { out: `${run}-on`, adapter: 'software', photographs: true } as const;
  const { train, val, labels } = config;
  const begun = await newTraining({ ...options, train, val: val!, labels: labels!, init });
  const { stdout } = await printedBy(() => loadInitialWeights(model, begun.config, begun.initial));
  expect(stdout[0]).toMatch(/^Weights from .*last\.safetensors .*tensors loaded/);
  expect(readWeightBytes).toHaveBeenCalledTimes(1);
});
