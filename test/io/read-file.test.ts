import { spawnSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readRegularFile } from '../../src/io/read-file.ts';

const MAX_BYTES = 200_000;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-read-file-'));
});

afterEach(() => rm(folder, { recursive: true }));

const read = (path: string) => readRegularFile('table', path, MAX_BYTES);

describe('readRegularFile', () => {
  it('reads files of any length up to the bound, links too', async () => {
    const path = join(folder, 'a');
    for (const length of [0, 1, 65_536, MAX_BYTES]) {
      const bytes = Buffer.alloc(length, 'abc');
      await writeFile(path, bytes);
      expect((await read(path)).equals(bytes)).toBe(true);
    }
    await symlink(path, join(folder, 'link'));
    expect(await read(join(folder, 'link'))).toHaveLength(MAX_BYTES);
  });

  it('refuses a longer file', async () => {
    const path = join(folder, 'long');
    await writeFile(path, Buffer.alloc(MAX_BYTES + 1));
    await expect(read(path)).rejects.toMatchObject({
      code: 'bad-file',
      message: expect.stringContaining(`${path}: it has more than ${MAX_BYTES} bytes`),
    });
  });

  it('reads what a file holds that has no size, or grows', async () => {
    expect((await read('/proc/self/status')).toString()).toContain('VmRSS');
    const path = join(folder, 'grows');
    await writeFile(path, '');
    const reading = read(path);
    appendFileSync(path, 'more');
    expect(['', 'more']).toContain((await reading).toString());
  });

  it('refuses pipes, devices, sockets, folders and links to nowhere, and does not wait', async () => {
    const at = (name: string) => join(folder, name);
    expect(spawnSync('mkfifo', [at('pipe')]).status).toBe(0);
    await mkdir(at('folder'));
    await symlink('/dev/zero', at('endless'));
    await symlink(at('missing'), at('dangling'));
    await symlink(at('circle'), at('circle'));
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(at('socket'), resolve));
    try {
      for (const [name, reason] of [
        ['pipe', 'it is a pipe'],
        ['folder', 'it is a folder'],
        ['endless', 'it is a device'],
        ['dangling', 'ENOENT'],
        ['circle', 'ELOOP'],
        ['missing', 'ENOENT'],
        ['socket', 'ENXIO'],
      ] as const) {
        const message = expect.stringMatching(new RegExp(`the table ${at(name)}: .*${reason}`));
        await expect(read(at(name)), name).rejects.toMatchObject({ code: 'bad-file', message });
      }
    } finally {
      server.close();
    }
  });

  it('names a file that it may not read', async () => {
    const path = join(folder, 'secret');
    await writeFile(path, 'x');
    await chmod(path, 0o000);
    await chmod(folder, 0o755);
    const isRoot = process.getuid?.() === 0;
    if (isRoot) process.seteuid!(65_534); // root may read everything
    try {
      await expect(read(path)).rejects.toMatchObject({
        code: 'bad-file',
        message: expect.stringMatching(new RegExp(`${path}: EACCES`)),
      });
    } finally {
      if (isRoot) process.seteuid!(0);
    }
  });
});
