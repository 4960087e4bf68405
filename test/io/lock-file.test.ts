import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { acquireLock } from '../../src/io/lock-file.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-lock-'));
  path = join(folder, '.lock');
});

afterEach(() => rm(folder, { recursive: true }));

test('is held by one at a time, and leaves nothing when it is given back', async () => {
  const release = await acquireLock(path);
  await expect(acquireLock(path)).rejects.toMatchObject({
    code: 'in-use',
    message: expect.stringContaining(`process ${process.pid}, which is running`),
  });
  await release();
  expect(await readdir(folder)).toEqual([]);
  await (await acquireLock(path))();
});

test('is taken over from a process that has ended, and from one whose number another process has now', async () => {
  const child = spawn(process.execPath, ['--version']);
  await once(child, 'exit');
  const ended = { pid: child.pid, host: hostname(), id: 'a' };
  const reused = { pid: process.pid, host: hostname(), began: 'long ago', id: 'b' };
  const abandoned = [JSON.stringify(ended), '', '{"pid":'];
  if (process.platform === 'linux') abandoned.push(JSON.stringify(reused));
  for (const text of abandoned) {
    await writeFile(path, text);
    const release = await acquireLock(path);
    expect(JSON.parse(await readFile(path, 'utf8')).pid).toBe(process.pid);
    await release();
  }
  expect(await readdir(folder)).toEqual([]);
});

test('is not taken over from another machine: the message says what to do', async () => {
  await writeFile(path, JSON.stringify({ pid: 12, host: 'elsewhere', id: 'a' }));
  await expect(acquireLock(path)).rejects.toMatchObject({
    code: 'in-use',
    message: expect.stringMatching(/process 12 on elsewhere, and this is .*remove that file/),
  });
});

test('one that was taken over is not given back by its former holder', async () => {
  const release = await acquireLock(path);
  await writeFile(path, '{"pid":1,"id":"another"}');
  await release();
  expect(await readFile(path, 'utf8')).toBe('{"pid":1,"id":"another"}');
});

test('of many that find it abandoned, one gets it', async () => {
  for (let round = 0; round < 20; round++) {
    await writeFile(path, JSON.stringify({ pid: 2 ** 30, host: hostname(), id: 'dead' }));
    const attempts = await Promise.allSettled(Array.from({ length: 8 }, () => acquireLock(path)));
    const held = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []));
    expect(held).toHaveLength(1);
    await held[0]!();
    expect(await readdir(folder)).toEqual([]);
  }
});

test('a takeover that was killed long ago stops no other', async () => {
  await writeFile(path, JSON.stringify({ pid: 2 ** 30, host: hostname(), id: 'dead' }));
  await writeFile(`${path}.takeover`, '1');
  await utimes(`${path}.takeover`, 0, 0);
  await (await acquireLock(path))();
  expect(await readdir(folder)).toEqual([]);
});

test('what a takeover leaves that was killed when it had removed the lock is removed', async () => {
  await writeFile(`${path}.takeover`, '1');
  const release = await acquireLock(path);
  expect(await readdir(folder)).toEqual(['.lock']);
  await release();
});

test('a folder that is missing is named', async () => {
  await expect(acquireLock(join(folder, 'none', '.lock'))).rejects.toMatchObject({
    code: 'bad-file',
    message: expect.stringMatching(/none.*its folder is missing/),
  });
});
