import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { afterEach, expect, test, vi } from 'vitest';
import { decodeImage } from '../../src/data/decode.ts';
import { locateSharp } from '../../src/data/decoder.ts';
import { decodeBySharp, loadSharp } from '../../src/data/node/decode-sharp.ts';
import { ImageDataset } from '../../src/data/node/image-dataset.ts';
import { temporaryFolder, writePhotographs } from './fixtures.ts';
import { jpegOf } from './jpeg/build-jpeg.ts';

vi.mock('node:module', async (original) => {
  const module = await original<typeof import('node:module')>();
  return { ...module, createRequire: vi.fn(module.createRequire) };
});
afterEach(() => {
  vi.mocked(createRequire).mockClear();
});

const sharp = loadSharp(locateSharp());
const photograph = jpegOf(40, 24, (x, y) => [5 * x, 9 * y, 128]);

/** The largest and the mean difference of two images of one size. */
function difference(a: Uint8Array, b: Uint8Array) {
  expect(a.length).toBe(b.length);
  const differences = Array.from(a, (value, i) => Math.abs(value - b[i]!));
  return { most: Math.max(...differences), mean: differences.reduce((x, y) => x + y) / a.length };
}

test.each(['bgr', 'rgb'] as const)(
  'gives nearly the pixels of our own decoder, in order %s',
  async (order) => {
    const own = decodeImage(photograph, { order });
    const other = await decodeBySharp(sharp, photograph, order);
    expect(other).toMatchObject({ width: 40, height: 24, channels: 3, order });
    const { most, mean } = difference(own.data, other.data);
    expect(most).toBeLessThanOrEqual(8);
    expect(mean).toBeLessThan(1);
  },
);

test('drops the alpha of a PNG and does not blend it, repeats grey', async () => {
  const png = new PNG({ width: 2, height: 1 });
  png.data.set([10, 20, 30, 0, 40, 50, 60, 128]);
  const bytes = PNG.sync.write(png);
  expect([...(await decodeBySharp(sharp, bytes, 'rgb')).data]).toEqual([10, 20, 30, 40, 50, 60]);
  const grey = PNG.sync.write(
    Object.assign(new PNG({ width: 1, height: 1 }), { data: Buffer.from([9, 9, 9, 255]) }),
    {
      colorType: 0,
    },
  );
  expect([...(await decodeBySharp(sharp, grey, 'bgr')).data]).toEqual([9, 9, 9]);
});

test('refuses an image that is cut off', async () => {
  await expect(decodeBySharp(sharp, photograph.subarray(0, photograph.length - 40), 'bgr')).rejects.toThrow();
});

test('a dataset decodes by it, keeps its pixels apart from ours, and names a file that is cut off', async () => {
  const dir = await temporaryFolder();
  const samples = await writePhotographs(dir, 2);
  await writeFile(samples[0]!.path, photograph);
  await writeFile(samples[1]!.path, photograph.subarray(0, photograph.length - 40));
  const options = { size: 24, workers: 1, cache: join(dir, 'cache') } as const;
  const own = new ImageDataset(samples, options);
  const other = new ImageDataset(samples, { ...options, decoder: 'sharp' });
  expect([own.decoder, other.decoder]).toEqual(['own', 'sharp']);
  const { most, mean } = difference((await own.pixels(0))!, (await other.pixels(0))!);
  expect(mean).toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(8);
  await expect(other.pixels(1)).rejects.toMatchObject({
    code: 'bad-file',
    message: expect.stringContaining(samples[1]!.path),
  });
  await Promise.all([own.close(), other.close()]);
});

test('says what to do where sharp is not installed', async () => {
  vi.mocked(createRequire).mockReturnValue(
    Object.assign(() => {}, {
      resolve: () => {
        throw new Error('Cannot find module');
      },
    }) as never,
  );
  const samples = await writePhotographs(await temporaryFolder(), 1);
  expect(() => new ImageDataset(samples, { decoder: 'sharp' })).toThrow(
    /needs the package sharp.*npm install sharp/,
  );
});
