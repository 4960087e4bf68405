import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DecodePool } from '../../src/data/worker-pool.ts';
import { brightness, temporaryFolder, writePhotographs } from './fixtures.ts';

let dir: string;
let pool: DecodePool;
beforeEach(async () => {
  dir = await temporaryFolder();
  pool = new DecodePool(2);
});
afterEach(() => pool.close());

const SIZE = 4;
const request = (path: string) => ({ path, size: SIZE, order: 'bgr' as const });

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

  it('refuses a number of workers that is no positive integer', () => {
    expect(() => new DecodePool(0)).toThrow(/0 workers/);
  });

  it('keeps the process alive while it decodes, and not when idle', async () => {
    const [sample] = await writePhotographs(dir, 1);
    const script = `
      const { DecodePool } = await import('./src/data/worker-pool.ts');
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
