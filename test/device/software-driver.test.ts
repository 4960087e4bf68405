import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import {
  SOFTWARE_DRIVER_DIGESTS,
  SOFTWARE_DRIVER_PACKAGE,
  SOFTWARE_DRIVER_VERSION,
  unpackSoftwareDriver,
} from '../../src/device/node/software-driver.ts';

const NAMES = Object.keys(SOFTWARE_DRIVER_DIGESTS);
const DRIVER = 'libvk_swiftshader.so';
const HOURS = 60 * 60 * 1000;

test('the digests are those of the version that package.json asks for', () => {
  expect(packageJson.optionalDependencies[SOFTWARE_DRIVER_PACKAGE]).toBe(SOFTWARE_DRIVER_VERSION);
});

describe.runIf(process.platform === 'linux' && process.arch === 'x64')('the embedded driver', () => {
  /** Holds the cache and the temporary directory of a test. */
  let root: string;
  let cache: string;
  let folder: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'fovea-driver-'));
    cache = join(root, 'cache');
    folder = join(cache, 'fovea', `swiftshader-${SOFTWARE_DRIVER_VERSION}`);
    await mkdir(join(root, 'tmp'), { mode: 0o700 });
    vi.stubEnv('XDG_CACHE_HOME', cache);
    vi.stubEnv('TMPDIR', join(root, 'tmp'));
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(root, { recursive: true });
  });

  async function expectWhole(at: string): Promise<void> {
    expect((await readdir(at)).sort()).toEqual([...NAMES].sort());
    for (const [name, digest] of Object.entries(SOFTWARE_DRIVER_DIGESTS))
      expect(
        createHash('sha256')
          .update(await readFile(join(at, name)))
          .digest('hex'),
      ).toBe(digest);
  }

  test('is unpacked into the cache, for its user alone', async () => {
    expect((await unpackSoftwareDriver()).folder).toBe(folder);
    await expectWhole(folder);
    expect(await readdir(dirname(folder))).toHaveLength(1);
    expect(await readdir(join(root, 'tmp'))).toEqual([]);
  });

  test.each<[string, (path: string) => Promise<unknown>]>([
    ['truncated', (path) => truncate(path, 1000)],
    ['emptied', (path) => truncate(path, 0)],
    ['removed', (path) => rm(path)],
    [
      'of flipped bytes',
      async (path) =>
        writeFile(
          path,
          (await readFile(path)).map((byte) => byte ^ 1),
        ),
    ],
    ['writable by others', (path) => chmod(path, 0o666)],
    ['a link', (path) => rm(path).then(() => symlink(join(folder, 'elsewhere'), path))],
  ])('is unpacked anew where a file is %s', async (_, damage) => {
    await unpackSoftwareDriver();
    for (const name of [DRIVER, 'libvulkan.so.1']) await damage(join(folder, name));
    expect((await unpackSoftwareDriver()).folder).toBe(folder);
    await expectWhole(folder);
  });

  test.each<[string, () => Promise<unknown>]>([
    ['cannot be made', () => writeFile(cache, 'a file, no folder')],
    [
      'may be written to by others',
      () => mkdir(folder, { recursive: true }).then(() => chmod(folder, 0o777)),
    ],
    ['lies where others may write', () => mkdir(folder, { recursive: true }).then(() => chmod(cache, 0o777))],
  ])('is unpacked aside where the cache %s, and removed once it is loaded', async (_, prepare) => {
    await prepare();
    const { folder: aside, remove } = await unpackSoftwareDriver();
    expect(dirname(aside)).toBe(join(root, 'tmp'));
    await expectWhole(aside);
    await remove();
    expect(await readdir(join(root, 'tmp'))).toEqual([]);
  });

  test.runIf(process.getuid?.() === 0)('is unpacked aside where the cache is somebody else’s', async () => {
    await mkdir(folder, { recursive: true });
    await chown(folder, 1234, 1234);
    expect((await unpackSoftwareDriver()).folder).toMatch(join(root, 'tmp'));
  });

  test('says which folders it tried, and what to set', async () => {
    await writeFile(cache, 'a file, no folder');
    await chmod(join(root, 'tmp'), 0o777);
    const error = await unpackSoftwareDriver().catch((error) => error);
    expect(error).toMatchObject({ code: 'no-adapter' });
    for (const named of [join(cache, 'fovea'), join(root, 'tmp'), 'mode 777', 'set XDG_CACHE_HOME'])
      expect(error.message).toContain(named);
    expect(await readdir(join(root, 'tmp'))).toEqual([]);
  });

  test('what a killed process left behind is removed an hour later', async () => {
    await unpackSoftwareDriver();
    const left = [`${folder}.fresh1`, `${folder}.stale1`];
    for (const path of left) await mkdir(path);
    await writeFile(join(left[1]!, DRIVER), 'half of it');
    const old = (Date.now() - 2 * HOURS) / 1000;
    await utimes(left[1]!, old, old);
    await unpackSoftwareDriver();
    expect((await readdir(dirname(folder))).sort()).toEqual(
      [folder, left[0]!].map((path) => path.slice(dirname(folder).length + 1)),
    );
  });

  test('runs from a folder that is gone by then, and not from what was planted in the cache', async () => {
    await mkdir(folder, { recursive: true });
    for (const name of NAMES) await writeFile(join(folder, name), 'planted');
    await chmod(folder, 0o777);
    const program = `
      import { nodeAdapters } from ${JSON.stringify(new URL('../../src/device/node/adapters.ts', import.meta.url).href)};
      const adapter = await nodeAdapters.requestAdapter('auto');
      const device = await adapter.requestDevice();
      console.log(adapter.info.architecture);
      device.destroy();`;
    const args = ['--import', 'tsx', '--input-type=module', '-e', program];
    const env = { ...process.env, VK_DRIVER_FILES: '/nonexistent' };
    const { stdout } = await promisify(execFile)(process.execPath, args, { env });
    expect(stdout.trim()).toBe('swiftshader');
    expect((await readdir(join(root, 'tmp'))).filter((name) => name.startsWith('fovea'))).toEqual([]);
    expect(await readFile(join(folder, DRIVER), 'utf8')).toBe('planted');
  });
});
