import { appendFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Checkpoint } from '../../src/train/checkpoint.ts';
import { loadCheckpoint } from '../../src/train/checkpoint-file.ts';
import { readMetrics } from '../../src/train/metrics-log.ts';
import { BEGINNING, type EpochReport } from '../../src/train/progress.ts';
import { RunFolder } from '../../src/train/run-folder.ts';

let parent: string;
let path: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'fovea-run-'));
  path = join(parent, 'run');
});

afterEach(() => rm(parent, { recursive: true }));

const CONFUSION = {
  truePositives: 1,
  falsePositives: 0,
  trueNegatives: 1,
  falseNegatives: 0,
  sensitivity: 1,
  specificity: 1,
};

function epochReport(epoch: number, accuracy: number): EpochReport {
  const training = { loss: 0.6, accuracy: 0.5, weightedAccuracy: 0.5 };
  const validation = { ...training, accuracy, auc: Number.NaN, confusion: CONFUSION };
  return { epoch, step: 2 * (epoch + 1), training, validation };
}

function stepReport(step: number) {
  const epoch = Math.floor((step - 1) / 2);
  return { step, epoch, batch: (step - 1) % 2, samples: 4, learningRate: 0.1, loss: 1 / step, accuracy: 0.5 };
}

/** A checkpoint at the end of an epoch, after validations of these accuracies. */
function checkpoint(accuracies: readonly number[]): Checkpoint {
  const state = new Map([['w', { shape: [1], data: Float32Array.of(accuracies.length) }]]);
  return {
    config: { layers: 50, classDim: 1, size: 32, channelOrder: 'bgr' },
    model: state,
    optimizer: { velocities: state, step: 2 * accuracies.length },
    progress: {
      ...BEGINNING,
      step: 2 * accuracies.length,
      epoch: accuracies.length,
      history: accuracies.map((accuracy, epoch) => epochReport(epoch, accuracy)),
    },
  };
}

test('keeps the newest checkpoint and the best one, NaN included', async () => {
  const folder = await RunFolder.create(path, { seed: 1 });
  for (const accuracies of [[0.5], [0.5, 0.8], [0.5, 0.8, 0.7]]) await folder.save(checkpoint(accuracies));
  expect(await loadCheckpoint(folder.last)).toEqual(checkpoint([0.5, 0.8, 0.7]));
  expect(await loadCheckpoint(folder.best)).toEqual(checkpoint([0.5, 0.8]));
});

test('resuming removes the metrics of what will be done again, and a line cut short', async () => {
  const folder = await RunFolder.create(path, {});
  const metrics = join(path, 'metrics.jsonl');
  for (let step = 1; step <= 5; step++) {
    folder.addStep(stepReport(step));
    if (step % 2 === 0) folder.addEpoch(epochReport(step / 2 - 1, 0.5));
  }
  await appendFile(metrics, '{"kind":"st');
  await RunFolder.resume(path, { ...BEGINNING, step: 3, epoch: 1, batch: 1 });
  expect(await readMetrics(metrics)).toEqual([
    { kind: 'step', ...stepReport(1) },
    { kind: 'step', ...stepReport(2) },
    { kind: 'epoch', ...epochReport(0, 0.5) },
    { kind: 'step', ...stepReport(3) },
  ]);
});

test('draws the course as SVG and PNG', async () => {
  const folder = await RunFolder.create(path, {});
  for (const step of [1, 2, 3]) folder.addStep(stepReport(step));
  folder.addEpoch(epochReport(0, 0.5));
  await folder.draw('a subtitle');
  expect(await readFile(join(path, 'loss.svg'), 'utf8')).toContain('a subtitle');
  const png = await readFile(join(path, 'loss.png'));
  expect([...png.subarray(1, 4)]).toEqual([...Buffer.from('PNG')]);
  expect((await readdir(path)).sort()).toEqual(['config.json', 'loss.png', 'loss.svg', 'metrics.jsonl']);
});

test('is made new only where nothing would be overwritten', async () => {
  await RunFolder.create(path, { seed: 1 });
  const again = await RunFolder.create(path, { seed: 2 });
  expect(await RunFolder.config(path)).toEqual({ seed: 2 });
  again.addStep(stepReport(1));
  await expect(RunFolder.create(path, {})).rejects.toThrow(/already holds 1 files: go on with --resume/);
  await expect(RunFolder.config(parent)).rejects.toThrow(/holds no training to go on with/);
});

test('a checkpoint that cannot be read is named', async () => {
  await expect(loadCheckpoint(path)).rejects.toThrow(`Cannot read the checkpoint ${path}`);
});
