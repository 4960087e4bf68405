import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Checkpoint } from '../../src/train/checkpoint.ts';
import { loadCheckpoint, saveCheckpoint } from '../../src/train/checkpoint-file.ts';
import { RunFolder } from '../../src/train/run-folder.ts';
import { checkpointAfter, epochReport } from './run-folders.ts';

let parent: string;
let path: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'fovea-run-'));
  path = join(parent, 'run');
});
afterEach(() => rm(parent, { recursive: true }));

/** A checkpoint after validations of these accuracies, and `batch` batches of the next epoch. */
const checkpoint = (accuracies: readonly number[], batch = 0): Checkpoint =>
  checkpointAfter(
    accuracies.map((accuracy) => ({ accuracy })),
    batch,
  );

const step = (number: number) => {
  const at = { step: number, epoch: 0, batch: number - 1, samples: 4, learningRate: 0.1 };
  return { ...at, loss: 1 / number, accuracy: 0.5 };
};

test('the best checkpoint is written when an epoch has ended that is the best, and at no other step', async () => {
  const folder = await RunFolder.create(path, {});
  await folder.save(checkpoint([], 1));
  expect(await RunFolder.results(path)).toEqual(['last.safetensors', 'metrics.jsonl']);
  await folder.save(checkpoint([0.5]));
  await folder.save(checkpoint([0.5], 1));
  await folder.save(checkpoint([0.5, 0.5]));
  await folder.save(checkpoint([0.5, 0.5, Number.NaN]));
  expect((await loadCheckpoint(folder.best)).progress).toEqual(checkpoint([0.5]).progress);
  expect((await loadCheckpoint(folder.last)).progress.epoch).toBe(3);
  expect([folder.last, folder.best]).toEqual([
    join(path, 'last.safetensors'),
    join(path, 'best.safetensors'),
  ]);
  await folder.close();
});

test('going on within an epoch keeps the best one of the epochs before', async () => {
  const folder = await RunFolder.create(path, {});
  await folder.save(checkpoint([0.5]));
  await folder.save(checkpoint([0.5], 1));
  const best = await readFile(folder.best);
  expect(await folder.rewind(checkpoint([0.5], 1))).toEqual([]);
  expect(await readFile(folder.best)).toEqual(best);
  // Where it is gone, the checkpoint within the next epoch is not it.
  await rm(folder.best);
  expect(await folder.rewind(checkpoint([0.5], 1))).toEqual([
    expect.stringMatching(/best epoch, 1, is gone/),
  ]);
  expect(await RunFolder.results(path)).not.toContain('best.safetensors');
  await folder.close();
});

test('a best checkpoint that cannot be read is set aside', async () => {
  const folder = await RunFolder.create(path, {});
  await folder.save(checkpoint([0.5]));
  const best = await readFile(folder.best);
  await writeFile(folder.best, 'half');
  expect(await folder.rewind(checkpoint([0.5]))).toEqual([
    'best.safetensors is not of the best epoch of this training: moved to set-aside.safetensors.',
    'best.safetensors was not written when epoch 1 had ended: written from the checkpoint.',
  ]);
  expect(await readFile(join(path, 'set-aside.safetensors'), 'utf8')).toBe('half');
  expect(await readFile(folder.best)).toEqual(best);
  await folder.close();
});

test('a best checkpoint of a training that is begun anew is set aside, and no more said', async () => {
  const folder = await RunFolder.create(path, {});
  await folder.save(checkpoint([0.5]));
  expect(await folder.rewind(undefined)).toEqual([
    'best.safetensors is not of the best epoch of this training: moved to set-aside.safetensors.',
  ]);
  expect(await folder.rewind(undefined)).toEqual([]);
  expect(await folder.rewind(checkpoint([], 1))).toEqual([]);
  await folder.close();
});

test('a new folder holds the settings as JSON to be read by people, and makes the folders above it', async () => {
  const deep = join(path, 'a', 'b');
  await (await RunFolder.create(deep, { seed: 1, note: 'x' })).close();
  expect(await readFile(join(deep, 'config.json'), 'utf8')).toBe('{\n  "seed": 1,\n  "note": "x"\n}\n');
  expect(await RunFolder.config(deep)).toEqual({ seed: 1, note: 'x' });
  await writeFile(path.concat('-file'), '');
  await expect(RunFolder.create(path.concat('-file'), {})).rejects.toMatchObject({
    code: 'bad-file',
    message: expect.stringContaining('run-file'),
  });
});

test('a folder that is refused is locked for nobody', async () => {
  await mkdir(path);
  await writeFile(join(path, 'photo.jpg'), '');
  for (let i = 0; i < 2; i++) {
    await expect(RunFolder.create(path, {})).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.stringMatching(/already holds 1 file:/),
    });
  }
  expect(await readdir(path)).toEqual(['photo.jpg']);
});

test('opening a folder without settings does not touch it, and says why', async () => {
  await mkdir(path);
  await expect(RunFolder.open(path)).rejects.toMatchObject({
    code: 'bad-file',
    message: expect.stringMatching(/run holds no training: .*config\.json/),
  });
  expect(await readdir(path)).toEqual([]);
  await writeFile(join(path, 'config.json'), '{');
  await expect(RunFolder.config(path)).rejects.toMatchObject({
    code: 'bad-file',
    cause: expect.any(SyntaxError),
  });
  expect(await RunFolder.results(join(parent, 'nowhere'))).toEqual([]);
});

test('what killed writes left is removed, of all files that a training writes, and of no others', async () => {
  await (await RunFolder.create(path, {})).close();
  const ours = [
    'config.json',
    'last.safetensors',
    'best.safetensors',
    'metrics.jsonl',
    'loss.svg',
    'loss.png',
  ];
  const left = (name: string) => `.${name}.${randomUUID()}.tmp`;
  const foreign = left('thesis.txt');
  for (const name of [...ours.map(left), left('.lock'), foreign]) await writeFile(join(path, name), 'half');
  await (await RunFolder.open(path)).close();
  expect((await readdir(path)).sort()).toEqual([foreign, 'config.json']);
});

test('the picture shows steps and validations, 1920 pixels wide', async () => {
  const folder = await RunFolder.create(path, {});
  for (const number of [1, 2]) folder.addStep(step(number));
  folder.addEpoch(epochReport(0, { accuracy: 0.625 }));
  for (const number of [3, 4]) folder.addStep(step(number));
  expect(await folder.draw('a subtitle')).toBeUndefined();
  const svg = await readFile(join(path, 'loss.svg'), 'utf8');
  for (const text of ['>Training</text>', '>a subtitle</text>', 'training, each step', 'accuracy', 'AUC']) {
    expect(svg).toContain(text);
  }
  expect(svg).toContain('>0.625</text>');
  // One line through all four steps; one dot for each of loss, accuracy and AUC, and one in the legend.
  expect(svg).toMatch(/<path d="M[\d.]+,[\d.]+(L[\d.]+,[\d.]+){3}" fill="none" stroke="#b3cbe8"/);
  expect(svg.match(/<circle/g)).toHaveLength(6);
  expect(svg.match(/<circle cx="338.67"/g)).toHaveLength(3);
  expect(svg).toContain('>0.750</text>');
  expect(PNG.sync.read(await readFile(join(path, 'loss.png'))).width).toBe(1920);
  await folder.close();
});

test('a picture that cannot be written is an error', async () => {
  const folder = await RunFolder.create(path, {});
  await mkdir(join(path, 'loss.png'));
  await expect(folder.draw('')).rejects.toMatchObject({ code: 'bad-file' });
  await folder.close();
});

test('a checkpoint is read back as it was written; another file is named', async () => {
  const file = join(parent, 'a.safetensors');
  await saveCheckpoint(file, { ...checkpoint([0.5], 1), settings: { seed: 1 } });
  expect(await loadCheckpoint(file)).toEqual({ ...checkpoint([0.5], 1), settings: { seed: 1 } });
  await writeFile(file, 'no checkpoint');
  await expect(loadCheckpoint(file)).rejects.toMatchObject({
    code: 'bad-file',
    message: expect.stringContaining(`Cannot read the checkpoint ${file}: `),
    cause: expect.objectContaining({ code: 'bad-file' }),
  });
});
