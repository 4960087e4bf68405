import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fingerprint } from '../../src/data/node/sample-files.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-fingerprint-'));
  await writeFile(join(folder, 'a'), 'one');
  await writeFile(join(folder, 'b'), 'seven');
});

afterAll(() => rm(folder, { recursive: true }));

const sample = (name: string, label: number, file = name) => ({ name, label, path: join(folder, file) });

test('differs where a name, a label, a size or the order does, and not where the files lie elsewhere', async () => {
  const whole = await fingerprint([sample('a', 0), sample('b', 1)]);
  expect(whole).toMatch(/^2 of digest [0-9a-f]{16}$/);
  await writeFile(join(folder, 'moved'), 'two');
  expect(await fingerprint([sample('a', 0, 'moved'), sample('b', 1)])).toBe(whole);
  const others = await Promise.all([
    fingerprint([sample('a', 0)]),
    fingerprint([sample('a', 1), sample('b', 1)]),
    fingerprint([sample('c', 0, 'a'), sample('b', 1)]),
    fingerprint([sample('a', 0, 'b'), sample('b', 1)]),
    fingerprint([sample('b', 1), sample('a', 0)]),
  ]);
  expect(new Set([whole, ...others]).size).toBe(6);
});

test('takes the length of a source for that of the file', async () => {
  const read = () => expect.fail('read');
  const inArchive = (bytes: number) => ({ ...sample('a', 0, 'gone'), source: { bytes, read } });
  expect(await fingerprint([inArchive(3)])).toBe(await fingerprint([sample('a', 0)]));
  expect(await fingerprint([inArchive(4)])).not.toBe(await fingerprint([sample('a', 0)]));
});

test('names a file that is gone', async () => {
  await expect(fingerprint([sample('gone', 0)])).rejects.toMatchObject({
    code: 'bad-file',
    message: expect.stringContaining('gone'),
  });
});
