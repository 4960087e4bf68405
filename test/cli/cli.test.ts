import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fovea, ROOT } from './fovea.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-cli-'));
});

afterAll(() => rm(folder, { recursive: true }));

const CONFIG = {
  train: 'none',
  val: 'none',
  labels: 'none',
  layers: 50,
  size: 32,
  batch: 10,
  epochs: 1,
  lr: 0.1,
  seed: 1,
  onCorrupt: 'throw',
};

test('gives its version', async () => {
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  expect(await fovea('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});

describe('a wrong argument is told in one line', () => {
  test.each([
    ['a number out of range', ['train', '--out', 'x', '--size', '12'], /--size <pixels>.*from 32 to 4096/],
    ['a network that is none', ['train', '--out', 'x', '--layers', '20'], /one of 18, 34, 50, 101, 152/],
    ['no pixels', ['predict', 'x', '--max-pixels', '0'], /--max-pixels <n>.*of at least 1/],
    ['no data', ['train', '--out', 'x'], /^fovea: --train is missing.*fovea demo\n$/],
    [
      'a folder that does not exist',
      ['train', '--out', 'x', '--train', 'none', '--val', '.', '--labels', 'package.json'],
      /^fovea: --train: .*none does not exist\.\n$/,
    ],
    ['nothing to resume', ['train', '--out', 'none', '--resume'], /^fovea: none holds no training/],
    [
      'a file that is no checkpoint',
      ['predict', 'package.json', '--checkpoint', 'package.json'],
      /^fovea: .*/,
    ],
  ])('%s', async (_, args, message) => {
    const { code, stdout, stderr } = await fovea(...args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});

test('draws data, and does not draw over it', async () => {
  const data = join(folder, 'data');
  const args = ['synth', data, '--training', '2', '--validation', '2', '--size', '32'];
  expect((await fovea(...args)).code).toBe(0);
  expect(await readFile(join(data, 'labels.csv'), 'utf8')).toContain('V0002.jpg');
  expect(await fovea(...args)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/already holds 2 files/),
  });
});

test('going on with a training refuses settings that would make it another', async () => {
  await writeFile(join(folder, 'config.json'), JSON.stringify(CONFIG));
  const { code, stderr } = await fovea('train', '--out', folder, '--resume', '--batch', '8');
  expect(code).toBe(1);
  expect(stderr).toMatch(/--batch is 8, but the training to resume has 10/);
});

test('photographs of more than --max-pixels are damaged', async () => {
  const size = 32 * 32;
  const small = join(folder, 'small');
  const args = ['--training', '2', '--validation', '2', '--size', '32'];
  await fovea('synth', small, ...args);
  const { code, stderr } = await fovea(
    ...['train', '--out', join(folder, 'run'), '--max-pixels', String(size - 1)],
    ...['--layers', '18', '--size', '32', '--no-photographs'],
    ...['--train', join(small, 'PALM-Training400'), '--val', join(small, 'PALM-Validation400')],
    ...['--labels', join(small, 'labels.csv')],
  );
  expect(code).toBe(1);
  expect(stderr).toMatch(/32×32 pixels, 1024 in all, and at most 1023 are decoded: .*--max-pixels/);
  const kept = JSON.parse(await readFile(join(folder, 'run', 'config.json'), 'utf8'));
  expect(kept).toMatchObject({ maxPixels: size - 1, photographs: false });
});

test('names of files are printed harmless, in one line', async () => {
  const { stderr } = await fovea('train', '--out', 'a\n\u001b[2Jb', '--resume');
  expect(stderr).toMatch(/^fovea: a\\n\\u001b\[2Jb holds no training[^\n]*\n$/);
});
