import type { Dirent } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { readTrainingFolder } from '../../src/data/node/read-folders.ts';
import { temporaryFolder } from './fixtures.ts';

vi.mock('node:fs/promises', async (importOriginal) => {
  const fs = await importOriginal<typeof import('node:fs/promises')>();
  const list = fs.readdir as unknown as (...request: unknown[]) => Promise<Dirent[]>;
  return { ...fs, readdir: async (...request: unknown[]) => (await list(...request)).reverse() };
});

it('the order of samples is that of their names, whatever order the system lists them in', async () => {
  const dir = await temporaryFolder();
  for (const name of ['P0001.jpg', 'H0001.jpg', 'b.txt', 'N0001.jpg', 'a.txt']) {
    await writeFile(join(dir, name), '');
  }
  const { samples, passedOver } = await readTrainingFolder(dir);
  expect(samples.map(({ name }) => name)).toEqual(['H0001.jpg', 'N0001.jpg', 'P0001.jpg']);
  expect(passedOver).toEqual(['a.txt', 'b.txt']);
});
