import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { drawOnce } from '../../src/cli/demo-photographs.ts';

const OPTIONS = { training: 24, validation: 6, size: 32, seed: 1 };
const MODULE = new URL('../../src/cli/demo-photographs.ts', import.meta.url).href;

let parent: string;
let folder: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'fovea-demo-'));
  folder = join(parent, 'data');
});

afterEach(() => rm(parent, { recursive: true }));

const filesIn = async (path: string) => (await readdir(path, { recursive: true })).sort();

test('starts again after it was killed while drawing, and draws no whole set twice', async () => {
  const script = `import(${JSON.stringify(MODULE)}).then(({ drawOnce }) => drawOnce(${JSON.stringify(folder)}, ${JSON.stringify(OPTIONS)}))`;
  const child = spawn(process.execPath, ['--import', 'tsx', '-e', script], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  const photographs = async () => (await filesIn(parent)).filter((path) => path.endsWith('.jpg')).length;
  while ((await photographs()) === 0 && child.exitCode === null)
    await new Promise((done) => setTimeout(done, 5));
  child.kill('SIGKILL');
  expect(await ended).toEqual([null, 'SIGKILL']);
  expect(await readdir(parent)).toEqual(['data.unfinished']);

  await drawOnce(folder, OPTIONS);
  expect(await readdir(parent)).toEqual(['data']);
  expect(await photographs()).toBe(30);
  const labels = join(folder, 'labels.csv');
  await writeFile(labels, `${await readFile(labels, 'utf8')}\n`);
  const changed = await readFile(labels, 'utf8');
  await drawOnce(folder, OPTIONS);
  expect(await readFile(labels, 'utf8')).toBe(changed);
});

test('tells what to do about a set that is not whole', async () => {
  await mkdir(folder);
  await expect(drawOnce(folder, OPTIONS)).rejects.toThrow(/data has no labels\.csv.*remove it/);
  await rm(folder, { recursive: true });
  await expect(drawOnce(join(parent, 'none\0'), OPTIONS)).rejects.toMatchObject({ code: 'bad-file' });
});
