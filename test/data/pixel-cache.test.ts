import { chmod, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { decodeImage } from '../../src/data/decode.ts';
import { PixelCache } from '../../src/data/node/disk-cache.ts';
import { ImageDataset, type ImageDatasetOptions } from '../../src/data/node/image-dataset.ts';
import { readPixels, writePixels } from '../../src/data/node/pixel-files.ts';
import { decodePixels, encodePixels, entryBytes, pixelKey } from '../../src/data/pixel-cache/entry.ts';
import { resizeBilinear } from '../../src/data/resize.ts';
import type { Sample } from '../../src/data/sample.ts';
import { brightness, temporaryFolder, writePhotographs } from './fixtures.ts';
import { jpegOf } from './jpeg/build-jpeg.ts';

const SIZE = 4;
const grey = (value: number) => new Uint8Array(SIZE * SIZE * 3).fill(value);

let cache: string;
let samples: Sample[];
beforeEach(async () => {
  const dir = await temporaryFolder();
  cache = join(dir, 'cache');
  samples = await writePhotographs(dir, 3);
});

/** All images of a new dataset, one after the other. */
async function decodeAll(options: Partial<ImageDatasetOptions> = {}) {
  const dataset = new ImageDataset(samples, { size: SIZE, workers: 1, cache, ...options });
  try {
    const images: (Uint8Array | undefined)[] = [];
    for (let i = 0; i < dataset.length; i++) images.push(await dataset.pixels(i));
    return images;
  } finally {
    await dataset.close();
  }
}

const entries = async () => (await readdir(cache)).sort();
const expected = () => samples.map((_, i) => grey(brightness(i)));

test('a second dataset takes what the first one kept, for the same file and request alone', async () => {
  expect(await decodeAll()).toEqual(expected());
  const [first] = await entries();
  expect(await entries()).toHaveLength(3);
  await writeFile(join(cache, first!), await encodePixels(grey(1), SIZE)); // to be told from a decoded one
  expect((await decodeAll()).filter((image) => image?.[0] === 1)).toHaveLength(1);
  expect(await decodeAll({ order: 'rgb' })).toEqual(expected());
  expect(await entries()).toHaveLength(6);
  await writeFile(
    samples[0]!.path,
    jpegOf(8, 8, () => [200, 200, 200]),
  );
  expect((await decodeAll())[0]).toEqual(grey(200));
});

test('an entry that is cut off, changed or of another size is made anew', async () => {
  await decodeAll();
  const whole = new Map<string, Buffer>();
  for (const name of await entries()) whole.set(name, await readFile(join(cache, name)));
  const [a, b, c] = [...whole.keys()];
  await writeFile(join(cache, a!), whole.get(a!)!.subarray(0, 50));
  const changed = Buffer.from(whole.get(b!)!);
  changed[changed.length - 1]! ^= 1;
  await writeFile(join(cache, b!), changed);
  await writeFile(join(cache, c!), await encodePixels(new Uint8Array(12), 2));
  expect(await decodeAll()).toEqual(expected());
  for (const [name, entry] of whole) expect(await readFile(join(cache, name))).toEqual(entry);
});

test('any byte of an entry counts', async () => {
  const entry = await encodePixels(grey(7), SIZE);
  expect(await decodePixels(entry, SIZE)).toEqual(grey(7));
  expect(await decodePixels(entry, SIZE + 1)).toBeUndefined();
  for (let at = 0; at < entry.length; at++) {
    const changed = Uint8Array.from(entry);
    changed[at]! ^= 128;
    expect(await decodePixels(changed, SIZE)).toBeUndefined();
    expect(await decodePixels(entry.subarray(0, at), SIZE)).toBeUndefined();
  }
});

test('the key tells files, sizes, orders and decoders apart', async () => {
  const request = { size: 224, order: 'bgr', decoder: 'own' } as const;
  const keys = await Promise.all([
    pixelKey(Uint8Array.of(1), request),
    pixelKey(Uint8Array.of(2), request),
    pixelKey(Uint8Array.of(1), { ...request, size: 225 }),
    pixelKey(Uint8Array.of(1), { ...request, order: 'rgb' }),
    pixelKey(Uint8Array.of(1), { ...request, decoder: 'sharp 1' }),
  ]);
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys[0]).toMatch(/^[0-9a-f]{64}$/);
  expect(await pixelKey(Uint8Array.of(1), request)).toBe(keys[0]);
});

const PIXELS = '487cd1704cc602cc900fd19ec92bd839952199efd2923426411573b7fa601a2e';

test('pixels are those for which the version in the key was given: where they change, raise it', async () => {
  const file = jpegOf(40, 32, (x, y) => [x * 6, y * 7, (x * y) & 255]);
  const { data } = resizeBilinear(decodeImage(file), 9, 9);
  // The key of the pixels themselves stands for them.
  expect(await pixelKey(data, { size: 9, order: 'bgr', decoder: 'own' })).toBe(PIXELS);
});

test('only the user may look into it, and a folder that others may write to is refused', async () => {
  new PixelCache({ folder: cache });
  await writePixels(cache, '0'.repeat(64), SIZE, grey(1));
  if (process.platform === 'win32') return;
  expect((await stat(cache)).mode & 0o777).toBe(0o700);
  for (const name of await entries()) expect((await stat(join(cache, name))).mode & 0o777).toBe(0o600);
  await chmod(cache, 0o770);
  await expect(decodeAll()).rejects.toMatchObject({
    code: 'bad-file',
    message: expect.stringMatching(/can be written to by others \(mode 770\): chmod 700/),
  });
});

test('goes on without the cache where it cannot be written, and says so once', async () => {
  const warnings: string[] = [];
  const options = { folder: cache, onWarning: (message: string) => warnings.push(message) };
  const dataset = new ImageDataset(samples, { size: SIZE, workers: 1, cache: options });
  await rm(cache, { recursive: true });
  expect([await dataset.pixels(0), await dataset.pixels(1)]).toEqual(expected().slice(0, 2));
  await dataset.close();
  expect(warnings).toEqual([expect.stringMatching(/without the cache from now on.*its folder is missing/)]);
  await writeFile(cache, 'a file');
  await expect(decodeAll()).rejects.toMatchObject({
    code: 'bad-file',
    message: expect.stringContaining(cache),
  });
});

test('a lower bound of pixels holds in spite of what is kept', async () => {
  await decodeAll();
  await expect(decodeAll({ maxPixels: 63 })).rejects.toThrow(/8×8 pixels.*at most 63/);
});

test('removes what was used longest ago, and leaves files that are no entries', async () => {
  const maxBytes = 4 * entryBytes(SIZE);
  const bounded = new PixelCache({ folder: cache, maxBytes });
  await writeFile(join(cache, 'notes.txt'), 'mine');
  const stale = join(cache, `.${'0'.repeat(64)}.pixels.killed.tmp`);
  await writeFile(stale, 'half');
  await utimes(stale, 0, 0);
  const keys = Array.from({ length: 5 }, (_, i) => String(i).repeat(64));
  for (const [age, key] of keys.entries()) {
    const written = await writePixels(cache, key, SIZE, grey(age));
    await utimes(join(cache, `${key}.pixels`), 1000 + age, 1000 + age);
    if (age === 3) expect(await readPixels(cache, keys[0]!, SIZE)).toEqual(grey(0)); // used again
    bounded.written(written);
  }
  await bounded.evict();
  expect(await entries()).toEqual(['notes.txt', ...[0, 3, 4].map((i) => `${keys[i]}.pixels`)].sort());
});

test('what earlier runs left counts once something is written', async () => {
  new PixelCache({ folder: cache });
  const write = (key: number) => writePixels(cache, String(key).repeat(64), SIZE, grey(key));
  for (let key = 0; key < 4; key++) await write(key);
  const bounded = new PixelCache({ folder: cache, maxBytes: 4 * entryBytes(SIZE) });
  expect(await entries()).toHaveLength(4);
  bounded.written(await write(4));
  await vi.waitFor(async () => expect(await entries()).toHaveLength(3));
});

test('two datasets may fill it at once', async () => {
  const both = await Promise.all([decodeAll(), decodeAll()]);
  expect(both).toEqual([expected(), expected()]);
  expect(await entries()).toHaveLength(3);
});
