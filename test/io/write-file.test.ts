import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeFileAtomic } from '../../src/io/write-file.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-write-file-'));
});

afterEach(() => rm(folder, { recursive: true }));

it('writes and replaces a file, and leaves nothing else', async () => {
  const path = join(folder, 'a.bin');
  await writeFileAtomic(path, 'old');
  await writeFileAtomic(path, new Uint8Array([1, 2, 3]));
  expect([...(await readFile(path))]).toEqual([1, 2, 3]);
  expect(await readdir(folder)).toEqual(['a.bin']);
});

it('writes one whole file when several write at once', async () => {
  const path = join(folder, 'a.txt');
  const texts = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(100_000));
  await Promise.all(texts.map((text) => writeFileAtomic(path, text)));
  expect(texts).toContain(await readFile(path, 'utf8'));
  expect(await readdir(folder)).toEqual(['a.txt']);
});

it('names the file that it cannot write, and cleans up', async () => {
  await mkdir(join(folder, 'occupied'));
  await expect(writeFileAtomic(join(folder, 'occupied'), 'x')).rejects.toMatchObject({
    code: 'bad-file',
    message: expect.stringContaining('occupied'),
  });
  expect(await readdir(folder)).toEqual(['occupied']);
  await expect(writeFileAtomic(join(folder, 'missing', 'a'), 'x')).rejects.toMatchObject({
    code: 'bad-file',
  });
});
