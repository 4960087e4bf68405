import { closeSync, writeFileSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SummaryWriter } from '../../../src/io/tensorboard/summary-writer.ts';

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  return { ...fs, closeSync: vi.fn(fs.closeSync), writeFileSync: vi.fn(fs.writeFileSync) };
});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-events-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('a file in place of the folder is a bad file', async () => {
  const path = join(folder, 'a file');
  await writeFile(path, '');
  expect(() => new SummaryWriter(path)).toThrow(
    expect.objectContaining({
      code: 'bad-file',
      message: expect.stringMatching(/a file": a file of that name is there/),
    }),
  );
});

test.each([
  ['the first event', 0],
  ['the second event', 1],
])('leaves no file, open or empty, where %s cannot be written', async (_, written) => {
  const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  const write = vi.mocked(writeFileSync);
  const real = write.getMockImplementation()!;
  for (let i = 0; i < written; i++) write.mockImplementationOnce(real);
  write.mockImplementationOnce(() => {
    throw full;
  });
  vi.mocked(closeSync).mockClear();
  expect(() => new SummaryWriter(folder, { resumedAfter: 1 })).toThrow(
    expect.objectContaining({ code: 'bad-file', message: expect.stringContaining('the disk is full') }),
  );
  expect(closeSync).toHaveBeenCalledTimes(1);
  expect(await readdir(folder)).toEqual([]);
});
