import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkFile, checkFolderOrFile, checkOutput } from '../../src/cli/arguments.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-arguments-'));
  await writeFile(join(folder, 'file'), '');
  spawnSync('mkfifo', [join(folder, 'pipe')]);
  await symlink('/dev/zero', join(folder, 'endless'));
  await symlink(join(folder, 'missing'), join(folder, 'dangling'));
  await symlink(join(folder, 'circle'), join(folder, 'circle'));
});
afterAll(() => rm(folder, { recursive: true }));

it('takes a file for a file, and a folder for a folder', async () => {
  await checkFile('--labels', join(folder, 'file'));
  await checkFolderOrFile('--val', folder);
  await checkFolderOrFile('--val', join(folder, 'file'));
});

it.each([
  ['.', 'is a folder, not a file'],
  ['pipe', 'is a pipe, not a file'],
  ['endless', 'is a device, not a file'],
  ['dangling', 'is a link to what does not exist'],
  ['missing', 'does not exist'],
  ['circle', 'cannot be inspected: ELOOP'],
  ['file/below', 'cannot be inspected: ENOTDIR'],
])('says what %s is', async (name, reason) => {
  const path = join(folder, name);
  const message = expect.stringContaining(`--labels: ${path} ${reason}`);
  await expect(checkFile('--labels', path)).rejects.toMatchObject({ code: 'invalid-argument', message });
  await expect(checkFile('--labels', path)).rejects.not.toHaveProperty('syscall');
});

it('says what is no folder', async () => {
  await expect(checkFolderOrFile('--val', join(folder, 'pipe'))).rejects.toThrow(
    'is a pipe, neither a folder nor a file',
  );
});

it.each([
  ['missing/out.json', 'missing does not exist'],
  ['file/out.json', 'file is a file, not a folder'],
  ['.', 'is a folder: name a file'],
])('says why nothing can be written to %s', async (name, reason) => {
  const message = expect.stringMatching(new RegExp(`^--json: .*${reason}`));
  await expect(checkOutput('--json', join(folder, name))).rejects.toMatchObject({
    code: 'invalid-argument',
    message,
  });
});

it('says that an empty path names nothing', async () => {
  await expect(checkOutput('--json', '')).rejects.toMatchObject({
    code: 'invalid-argument',
    message: '--json: the path is empty: name a file.',
  });
});

it('takes a new file and one that is there', async () => {
  await checkOutput('--json', join(folder, 'new'));
  await checkOutput('--json', join(folder, 'file'));
});
