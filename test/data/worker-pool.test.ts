import { spawnSync } from 'node:child_process';
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DecodePool } from '../../src/data/node/worker-pool.ts';
import { brightness, temporaryFolder, writePhotographs } from './fixtures.ts';
import { flatJpeg } from './jpeg/flat-jpeg.ts';

let dir: string;
let pool: DecodePool;
beforeEach(async () => {
  dir = await temporaryFolder();
  pool = new DecodePool(2);
});
afterEach(() => pool.close());

const SIZE = 4;
const request = (path: string) => ({ path, size: SIZE, order: 'bgr' as const, maxPixels: 1e8 });

describe('DecodePool', () => {
  it('decodes and scales more images than it has workers, each for who asked', async () => {
    const samples = await writePhotographs(dir, 7);
    const images = await Promise.all(samples.map(({ path }) => pool.decode(request(path))));
    images.forEach((pixels, i) => {
      expect(pixels).toEqual(new Uint8Array(SIZE * SIZE * 3).fill(brightness(i)));
    });
  });

  it('names the file in an error, and goes on', async () => {
    const [sample] = await writePhotographs(dir, 1);
    const broken = join(dir, 'broken.jpg');
    await writeFile(broken, 'GIF89a');
    const missing = join(dir, 'missing.jpg');
    for (const path of [broken, missing]) {
      await expect(pool.decode(request(path))).rejects.toMatchObject({
        code: 'bad-file',
        message: expect.stringContaining(path),
      });
    }
    expect(await pool.decode(request(sample!.path))).toHaveLength(SIZE * SIZE * 3);
  });

  it('decodes what a source gives, which keeps its bytes', async () => {
    const [sample] = await writePhotographs(dir, 1);
    const stored = await readFile(sample!.path); // of a pool of Node's, a part of a larger buffer
    const source = { bytes: stored.length, read: async () => stored };
    for (let i = 0; i < 2; i++) {
      const pixels = await pool.decode({ ...request('a.zip/N0000.jpg'), source });
      expect(pixels).toEqual(new Uint8Array(SIZE * SIZE * 3).fill(brightness(0)));
    }
  });

  it.each([
    [
      'fails',
      { bytes: 3, read: () => Promise.reject(new Error('gone')) },
      /^Cannot read the image a\.zip\/b: gone/,
    ],
    [
      'fails and names itself',
      { bytes: 3, read: () => Promise.reject(new Error('no a.zip/b')) },
      /^no a\.zip\/b$/,
    ],
    [
      'gives less',
      { bytes: 3, read: async () => Uint8Array.of(1, 2) },
      /said to have 3 bytes, but its source gives 2/,
    ],
    ['is too long', { bytes: 2 ** 26 + 8e8 + 1, read: () => expect.fail('read') }, /more than \d+ bytes/],
    [
      'is no image',
      { bytes: 1, read: async () => Uint8Array.of(7) },
      /Cannot read the image a\.zip\/b.*begins with 07/,
    ],
  ])('names a source that %s', async (_what, source, message) => {
    await expect(pool.decode({ ...request('a.zip/b'), source })).rejects.toMatchObject({
      code: 'bad-file',
      message: expect.stringMatching(message),
    });
  });

  it('refuses pipes and endless devices at once, and names them', async () => {
    const pipe = join(dir, 'V0001.jpg');
    const endless = join(dir, 'V0002.jpg');
    const dangling = join(dir, 'V0003.jpg');
    expect(spawnSync('mkfifo', [pipe]).status).toBe(0);
    await symlink('/dev/zero', endless);
    await symlink(join(dir, 'missing'), dangling);
    for (const path of [pipe, endless, dangling]) {
      await expect(pool.decode(request(path))).rejects.toMatchObject({
        code: 'bad-file',
        message: expect.stringContaining(path),
      });
    }
  });

  it('refuses images of more than maxPixels, and files longer than those can be', async () => {
    const [sample] = await writePhotographs(dir, 1); // 8×8
    const decode = (maxPixels: number) => pool.decode({ ...request(sample!.path), maxPixels });
    expect(await decode(64)).toHaveLength(SIZE * SIZE * 3);
    await expect(decode(63)).rejects.toMatchObject({
      code: 'bad-file',
      message: expect.stringMatching(/N0000.jpg.*8×8 pixels.*raise maxPixels/),
    });
    const long = join(dir, 'long.jpg');
    await writeFile(long, Buffer.alloc(2 ** 26 + 8 * 64 + 1));
    await expect(pool.decode({ ...request(long), maxPixels: 64 })).rejects.toThrow(
      /long.jpg.*more than 67109376 bytes/,
    );
  });

  it('decodes images of more than 25 megapixels one at a time, and the next one after a failure', async () => {
    const large = flatJpeg({ width: 5000, height: 5001 });
    const cutOff = join(dir, 'a.jpg');
    const whole = join(dir, 'b.jpg');
    await writeFile(cutOff, large.subarray(0, large.length - 2));
    await writeFile(whole, large);
    const events: string[] = [];
    const { postMessage, emit, terminate } = Worker.prototype;
    vi.spyOn(Worker.prototype, 'postMessage').mockImplementation(function (this: Worker, message) {
      if (message === 'proceed') events.push('proceed');
      postMessage.call(this, message);
    });
    vi.spyOn(Worker.prototype, 'emit').mockImplementation(function (this: Worker, name, reply) {
      if (name === 'message' && !('largeImage' in reply)) events.push('end');
      return emit.call(this, name, reply);
    });
    vi.spyOn(Worker.prototype, 'terminate').mockImplementation(function (this: Worker) {
      events.push('terminate');
      return terminate.call(this);
    });
    const decoded = [cutOff, whole].map((path) => pool.decode(request(path)));
    const [first, second] = await Promise.allSettled(decoded);
    vi.restoreAllMocks();
    expect(first).toMatchObject({ status: 'rejected', reason: { code: 'bad-file' } });
    expect(second).toEqual({ status: 'fulfilled', value: new Uint8Array(SIZE * SIZE * 3).fill(128) });
    // An idle thread would keep the image's memory.
    expect(events).toEqual(['proceed', 'end', 'terminate', 'proceed', 'end', 'terminate']);
  });

  it('ends a worker that takes too long, and goes on', async () => {
    const path = join(dir, 'V0001.jpg');
    await writeFile(path, flatJpeg({ width: 2000, height: 2000 }));
    const impatient = new DecodePool(1, 0.001);
    const message = expect.stringMatching(/V0001.jpg: that took longer than 0.001 seconds/);
    for (let i = 0; i < 2; i++) {
      await expect(impatient.decode(request(path))).rejects.toMatchObject({
        code: 'bad-file',
        message,
      });
    }
    await impatient.close();
  });

  it('rejects what is under way when it is closed, and what comes after', async () => {
    const samples = await writePhotographs(dir, 5);
    const underWay = samples.map(({ path }) => pool.decode(request(path)));
    const outcomes = Promise.allSettled(underWay);
    await pool.close();
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'disposed' } });
    }
    await expect(pool.decode(request(samples[0]!.path))).rejects.toMatchObject({ code: 'disposed' });
  });

  it('keeps the process alive while it decodes, and not when idle', async () => {
    const [sample] = await writePhotographs(dir, 1);
    const script = `
      const { DecodePool } = await import('./src/data/node/worker-pool.ts');
      const pixels = await new DecodePool(2).decode(${JSON.stringify(request(sample!.path))});
      console.log(pixels.length);`;
    const { status, stdout } = spawnSync(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '--eval', script],
      { encoding: 'utf8', timeout: 60_000 },
    );
    expect([status, stdout.trim()]).toEqual([0, String(SIZE * SIZE * 3)]);
  });
});
