/**
 * @file What `fovea predict` and `fovea explain` make of images, and of those that are none. The commands run in this process, which has
 * compiled them.
 */

import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { explainCommand } from '../../src/cli/explain.ts';
import { imagesAt } from '../../src/cli/images.ts';
import { predictCommand } from '../../src/cli/predict.ts';
import { decodeImage } from '../../src/data/decode.ts';
import { encodePng } from '../../src/data/png/encode-png.ts';
import { blockFor } from '../../src/explain/block-for.ts';
import { ResNet } from '../../src/nn/resnet.ts';
import { Momentum } from '../../src/optim/momentum.ts';
import { takeCheckpoint } from '../../src/train/checkpoint.ts';
import { loadCheckpoint, saveCheckpoint } from '../../src/train/checkpoint-file.ts';
import { BEGINNING } from '../../src/train/progress.ts';
import { VERSION } from '../../src/version.ts';
import { buildZip } from '../io/zip/build-zip.ts';
import { openTestDevice } from '../support/device.ts';
import { printedBy } from './printed.ts';

const CLASSES = ['oak', 'ash', 'elm'];
let folder: string;
let checkpoint: string;
/** The layer that explains images of a size. */
let layers: Map<number, string>;
let [bright, dark, broken]: string[] = [];

const grey = (value: number) =>
  encodePng({
    ...{ width: 40, height: 30, channels: 3, order: 'rgb' },
    data: Uint8Array.from({ length: 3600 }, (_, i) => value + (i % 7)),
  });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-predict-'));
  [bright, dark, broken] = ['bright.png', 'dark.png', 'broken.jpg'].map((name) => join(folder, name));
  await writeFile(bright!, grey(200));
  await writeFile(dark!, grey(20));
  await writeFile(broken!, 'no image');
  checkpoint = join(folder, 'checkpoint');
  const device = await openTestDevice();
  const model = new ResNet(device, { layers: 18, classDim: 3 });
  layers = new Map([224, 128, 127, 64, 63, 32, 31, 8].map((size) => [size, blockFor(model, size)]));
  const optimizer = new Momentum({ parameters: model.parameters(), learningRate: 0.1 });
  const config = {
    ...({ layers: 18, classDim: 3, size: 64, channelOrder: 'rgb', preprocessing: 'imagenet' } as const),
    classes: CLASSES,
  };
  const taken = await takeCheckpoint(model, optimizer, { config, progress: BEGINNING });
  await saveCheckpoint(checkpoint, { ...taken, optimizer: { ...taken.optimizer, slots: {} } });
  device.destroy();
});

afterEach(() => {
  process.exitCode = 0;
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs a command; of stderr, what the machine says is left out. */
async function run(command: Command, ...args: string[]) {
  const { stdout, stderr } = await printedBy(() =>
    command.parseAsync([...args, '--checkpoint', checkpoint], { from: 'user' }),
  );
  const told = stderr.filter((line) => !/^(Adapter|Warning)/.test(line));
  return { lines: stdout, stderr: told, code: process.exitCode ?? 0 };
}

test('a checkpoint says what wrote it', async () => {
  expect((await loadCheckpoint(checkpoint)).version).toBe(VERSION);
});

test('predict gives an object per image, leaves out what is none, and says so', async () => {
  const { lines, stderr, code } = await run(predictCommand, bright!, broken!, dark!, bright!, '--json');
  const objects = lines.map((line) => JSON.parse(line));
  expect(objects.map(({ image }) => image)).toEqual([bright, dark]);
  for (const { logits, probabilities, class: found, label } of objects) {
    const sum = logits.reduce((sum: number, logit: number) => sum + Math.exp(logit), 0);
    logits.forEach((logit: number, i: number) => {
      expect(probabilities[i]).toBeCloseTo(Math.exp(logit) / sum, 5);
    });
    expect(found).toBe(logits.indexOf(Math.max(...logits)));
    expect(label).toBe(CLASSES[found]);
  }
  expect(stderr).toEqual([expect.stringMatching(/Cannot read the image .*broken\.jpg\. Neither a JPEG/)]);
  expect(code).toBe(1);
});

test('explain draws each image into a folder, by its own size', async () => {
  const out = join(folder, 'maps');
  const args = ['--out', out, '--class', 'ash', '--json'];
  const { lines, stderr, code } = await run(explainCommand, bright!, dark!, ...args);
  expect({ stderr, code }).toEqual({ stderr: [], code: 0 });
  expect((await readdir(out)).sort()).toEqual(['bright.png', 'dark.png']);
  expect(decodeImage(await readFile(join(out, 'dark.png')))).toMatchObject({ width: 40, height: 30 });
  const map = JSON.parse(lines[1]!);
  expect(map).toMatchObject({ image: dark, layer: 'bb_2_1', class: 1, label: 'ash', width: 4, height: 4 });
  expect(map.values).toHaveLength(16);
});

test('the last block explains, of small images the last one with maps of at least 4×4', () => {
  expect([...layers]).toEqual([
    [224, 'bb_3_1'],
    [128, 'bb_3_1'],
    [127, 'bb_2_1'],
    [64, 'bb_2_1'],
    [63, 'bb_1_1'],
    [32, 'bb_1_1'],
    [31, 'bb_0_1'],
    [8, 'bb_0_1'],
  ]);
});

test('images may lie in folders and in archives', async () => {
  const pictures = join(folder, 'pictures', 'inner');
  await mkdir(pictures, { recursive: true });
  await writeFile(join(pictures, 'a.png'), grey(100));
  await writeFile(join(pictures, 'notes.txt'), 'no image');
  const archive = join(folder, 'pictures.zip');
  await writeFile(archive, buildZip([{ name: 'photographs/b.png', data: grey(100), method: 0 }]));
  const found = await imagesAt([join(folder, 'pictures'), archive, bright!, bright!]);
  expect(found.map(({ name }) => name)).toEqual([
    join(pictures, 'a.png'),
    `${archive}/photographs/b.png`,
    bright,
  ]);
  expect(Buffer.from(await found[1]!.source!.read())).toEqual(Buffer.from(grey(100)));
  await expect(imagesAt([join(folder, 'none')])).rejects.toThrow('does not exist');
});

test('explain refuses a class that there is not', async () => {
  await expect(run(explainCommand, bright!, '--out', 'x', '--class', 'fir')).rejects.toThrow(
    '--class is fir, but the checkpoint knows 0 (oak), 1 (ash), 2 (elm).',
  );
});

test('explain draws over no image that it is given, and no two into one', async () => {
  await expect(run(explainCommand, bright!, '--out', bright!)).rejects.toThrow('is one of the images');
  const twins = [bright!, join(folder, '.', 'maps', 'bright.png')];
  await expect(run(explainCommand, ...twins, '--out', join(folder, 'twins'))).rejects.toThrow(
    'both be drawn',
  );
});
