import { mkdir, readdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { DecodeMessage, DecodeReply } from '../../src/data/decoding/messages.ts';
import type { DiskDecodeRequest } from '../../src/data/node/decode-worker.ts';
import { temporaryFolder } from './fixtures.ts';
import { jpegOf } from './jpeg/build-jpeg.ts';
import { flatJpeg } from './jpeg/flat-jpeg.ts';

/** Stands in for the thread that asks. */
const port = vi.hoisted(() => {
  return { on: vi.fn(), postMessage: vi.fn() };
});
vi.mock('node:worker_threads', () => ({ parentPort: port }));

/** Whether files can be opened for writing, and then hold no byte. */
const disk = vi.hoisted(() => ({ isFull: false }));
vi.mock('node:fs/promises', async (original) => {
  const fs = await original<typeof import('node:fs/promises')>();
  const open: typeof fs.open = async (path, flags, mode) => {
    const file = await fs.open(path, flags, mode);
    if (disk.isFull && flags === 'wx')
      file.writeFile = () =>
        Promise.reject(Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' }));
    return file;
  };
  return { ...fs, open };
});

let dir: string;
let tell: (message: DecodeMessage<DiskDecodeRequest>) => void;
beforeAll(async () => {
  dir = await temporaryFolder();
  await import('../../src/data/node/decode-worker.ts');
  const [event, listener] = port.on.mock.calls[0]!;
  expect(event).toBe('message');
  tell = listener;
});
beforeEach(() => void port.postMessage.mockClear());

const request = (name: string) => ({
  path: join(dir, name),
  size: 2,
  order: 'rgb' as const,
  maxPixels: 1e8,
});

/** The replies to `message` once there are `count`, and what was handed over with each. */
async function replies(count: number): Promise<[DecodeReply, unknown[]?][]> {
  await vi.waitFor(() => expect(port.postMessage).toHaveBeenCalledTimes(count), { timeout: 30_000 });
  return port.postMessage.mock.calls as [DecodeReply, unknown[]?][];
}

/** A JPEG of so many pixels that cannot be decoded: it has no Huffman tables. */
function undecodable(width: number, height: number): Uint8Array {
  const jpeg = flatJpeg({ width, height });
  jpeg[Buffer.from(jpeg).indexOf(Uint8Array.of(0xff, 0xc4)) + 1] = 0xef;
  return jpeg;
}

test('an image is decoded, scaled and handed over without a copy', async () => {
  await writeFile(
    join(dir, 'red.jpg'),
    jpegOf(8, 8, () => [200, 40, 60]),
  );
  tell(request('red.jpg'));
  const [[reply, transferred]] = (await replies(1)) as [[{ pixels: Uint8Array }, unknown[]]];
  expect(reply.pixels).toHaveLength(2 * 2 * 3);
  expect(Math.abs(reply.pixels[0]! - 200)).toBeLessThanOrEqual(2);
  expect(Math.abs(reply.pixels[2]! - 60)).toBeLessThanOrEqual(2);
  expect(transferred).toEqual([reply.pixels.buffer]);
});

test('a file that gives no image is named once, with the reason', async () => {
  await writeFile(join(dir, 'other.jpg'), 'GIF89a');
  for (const [name, reason] of [
    ['other.jpg', /^Cannot read the image .*other\.jpg\. Neither a JPEG/],
    ['missing.jpg', /Cannot read the image .*missing\.jpg.*no such file/],
  ] as const) {
    port.postMessage.mockClear();
    tell(request(name));
    const [[reply, transferred]] = (await replies(1)) as [[{ reason: string }, unknown[]]];
    expect(reply.reason).toMatch(reason);
    expect(reply.reason.match(/Cannot read/g)).toHaveLength(1);
    expect(transferred).toEqual([]);
  }
});

test('a file may have 8 bytes a pixel and 64 MiB more', async () => {
  const path = join(dir, 'long.jpg');
  await writeFile(path, '');
  await truncate(path, 2 ** 26 + 8 * 100 + 1);
  tell({ ...request('long.jpg'), maxPixels: 100 });
  expect((await replies(1))[0]![0]).toEqual({
    reason: expect.stringContaining(`more than ${2 ** 26 + 800} bytes`),
  });
});

test('an image of more than 25 megapixels is told, and decoded when the word is given', async () => {
  await writeFile(join(dir, 'large.jpg'), undecodable(5000, 5001));
  tell(request('large.jpg'));
  expect((await replies(1))[0]).toEqual([{ largeImage: 5000 * 5001 }, []]);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(port.postMessage).toHaveBeenCalledTimes(1);
  tell('proceed');
  expect((await replies(2))[1]![0]).toEqual({
    reason: expect.stringContaining('no Huffman table'),
    extent: expect.objectContaining({ width: 5000, height: 5001 }),
  });
});

test('an image of 25 megapixels waits for nobody, and a word that nobody waits for is passed over', async () => {
  await writeFile(join(dir, 'limit.jpg'), undecodable(5000, 5000));
  tell('proceed');
  tell(request('limit.jpg'));
  expect((await replies(1))[0]![0]).toMatchObject({ reason: expect.stringContaining('no Huffman table') });
});

test('a full disk costs the cache, not the image, and leaves nothing in it', async () => {
  const cache = join(dir, 'cache');
  await mkdir(cache);
  await writeFile(
    join(dir, 'blue.jpg'),
    jpegOf(8, 8, () => [10, 20, 200]),
  );
  disk.isFull = true;
  tell({ ...request('blue.jpg'), cache });
  const [first] = (await replies(1))[0]!;
  disk.isFull = false;
  expect(first).toEqual({
    pixels: expect.objectContaining({ length: 2 * 2 * 3 }),
    extent: expect.objectContaining({ width: 8, height: 8 }),
    cacheFailure: expect.stringMatching(/^Cannot write ".*\.pixels": the disk is full/),
  });
  expect(await readdir(cache)).toEqual([]);
  tell({ ...request('blue.jpg'), cache });
  const [second] = (await replies(2))[1]!;
  expect(second).toMatchObject({ written: expect.any(Number) });
  expect(await readdir(cache)).toEqual([expect.stringMatching(/^[0-9a-f]{64}\.pixels$/)]);
});
