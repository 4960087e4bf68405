import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { nodeTuningStore, tuningFile } from '../../src/tune/tuning-store-node.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-tune-'));
  vi.stubEnv('XDG_CACHE_HOME', folder);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

test('keeps a text an adapter', async () => {
  expect(await nodeTuningStore.load('a')).toBeUndefined();
  await nodeTuningStore.save('a', 'of a');
  await nodeTuningStore.save('b', 'of b');
  await nodeTuningStore.save('a', 'of a, later');
  expect(await nodeTuningStore.load('a')).toBe('of a, later');
  expect(await nodeTuningStore.load('b')).toBe('of b');
  expect(await readdir(join(folder, 'fovea'))).toHaveLength(2);
});

test('lies in the cache folder', () => {
  expect(tuningFile('a').startsWith(join(folder, 'fovea', 'tuning-'))).toBe(true);
});

test('says so where it cannot keep anything', async () => {
  await writeFile(join(folder, 'fovea'), 'a file where the folder should be');
  await expect(nodeTuningStore.save('a', 'text')).rejects.toMatchObject({ code: 'bad-file' });
  expect(await nodeTuningStore.load('a')).toBeUndefined();
});
