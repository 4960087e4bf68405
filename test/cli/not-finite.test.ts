import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeSyntheticDataset } from '../../src/data/synth.ts';
import { fovea } from './fovea.ts';

let folder: string;
let data: string[];
let image: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-finite-'));
  await writeSyntheticDataset(folder, { training: 12, validation: 4, size: 32, seed: 1 });
  const validation = join(folder, 'PALM-Validation400');
  data = ['--val', validation, '--labels', join(folder, 'labels.csv')];
  image = join(validation, 'V0001.jpg');
});

afterAll(() => rm(folder, { recursive: true }));

test('running statistics lag behind one long step: the error names --recalibrate, with which the training goes on', async () => {
  const out = join(folder, 'run');
  const train = ['--train', join(folder, 'PALM-Training400'), ...data];
  const settings = ['--layers', '18', '--size', '32', '--batch', '12', '--epochs', '1', '--lr', '1000'];
  const failed = await fovea('train', ...train, ...settings, '--out', out);
  expect(failed.code).toBe(1);
  expect(failed.stderr).toMatch(
    /^fovea: the result for V0001\.jpg.* is not finite: the first layer .* is bb_.*; all parameters are finite\. .*--recalibrate/m,
  );
  expect(failed.stdout).not.toMatch(/NaN|validation: loss/);

  const checkpoint = join(out, 'last.safetensors');
  const judged = await fovea('predict', image, '--checkpoint', checkpoint);
  expect(judged).toMatchObject({ code: 1, stdout: '' });
  expect(judged.stderr).toMatch(/V0001\.jpg is not finite/);

  const resumed = await fovea('train', '--out', out, '--resume', '--recalibrate');
  expect(resumed).toMatchObject({ code: 0 });
  const loss = Number(resumed.stdout.match(/Epoch 1, validation: loss ([\d.]+)/)![1]);
  expect(loss).toBeLessThan(1e6); // of what such a step leaves
});

test('photographs that are all corrupt, and left out, are no training', async () => {
  const images = join(folder, 'PALM-Training400');
  for (const name of await readdir(images)) await writeFile(join(images, name), 'no image');
  const settings = ['--layers', '18', '--size', '32', '--on-corrupt', 'skip'];
  const out = join(folder, 'corrupt');
  const { code, stdout, stderr } = await fovea(
    'train',
    '--train',
    images,
    ...data,
    ...settings,
    '--out',
    out,
  );
  expect(code).toBe(1);
  expect(stderr).toMatch(/fovea: epoch 1 has no photographs to train on/);
  expect(stdout).toMatch(/Skipped H0001\.jpg/);
});
