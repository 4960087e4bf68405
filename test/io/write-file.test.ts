import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { removeTemporaries, writeError, writeFileAtomic } from '../../src/io/write-file.ts';

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

it('says what to do about what the system refuses', () => {
  const refusals = [
    ['ENOSPC', /"a\/b": the disk is full: free some space/],
    ['EACCES', /you may not write there: change the rights/],
    ['EROFS', /this disk can only be read/],
    ['EIO', /"a\/b": EIO\.$/],
  ] as const;
  for (const [code, message] of refusals) {
    const error = writeError('a/b', Object.assign(new Error(code), { code }));
    expect(error).toMatchObject({ code: 'bad-file', message: expect.stringMatching(message) });
  }
});

it('removes what killed writes left of the files named, and nothing else', async () => {
  const uuid = '01234567-89ab-cdef-0123-456789abcdef';
  const others = ['a.bin', `.b.bin.${uuid}.tmp`, '.a.bin.tmp', `a.bin.${uuid}.tmp`, '.a.bin.swp'];
  for (const name of [...others, `.a.bin.${uuid}.tmp`]) await writeFile(join(folder, name), 'x');
  await removeTemporaries(folder, ['a.bin']);
  expect((await readdir(folder)).sort()).toEqual(others.sort());
});

it('hands the cause on', async () => {
  await expect(writeFileAtomic(join(folder, 'missing', 'a'), 'x')).rejects.toMatchObject({
    cause: { code: 'ENOENT' },
  });
});

/** Where Linux lists what a process has open. */
const OPEN_FILES = '/proc/self/fd';

it.skipIf(!existsSync(OPEN_FILES))('closes what it opened', async () => {
  await writeFileAtomic(join(folder, 'first'), 'x');
  const before = readdirSync(OPEN_FILES).length;
  for (let i = 0; i < 5; i++) await writeFileAtomic(join(folder, `${i}`), 'x');
  expect(readdirSync(OPEN_FILES).length).toBeLessThan(before + 5);
});
