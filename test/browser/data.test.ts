import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as inNode from '../../src/index.ts';
import { pngOfRows } from '../data/png/fixtures.ts';
import { buildXlsx } from '../data/table/build-xlsx.ts';
import { buildZip } from '../io/zip/build-zip.ts';
import { CHROMIUM, launchChromium, servePage } from '../support/chromium.ts';
import { noted } from './batches.ts';
import { pageFiles } from './page.ts';

declare global {
  interface Window {
    /** The browser build. */
    readonly fovea: typeof import('../../src/browser.ts');
  }
}

const LOADER = { batchSize: 3, shuffle: true, seed: 3 } as const;

/** A checkpoint of a network that there is not: what it holds is not looked at. */
const CHECKPOINT: inNode.Checkpoint = {
  config: { layers: 18, classDim: 1, size: 32, channelOrder: 'bgr' },
  model: new Map([['w', { shape: [2, 2], data: Float32Array.of(1, -0, 1e-40, 3) }]]),
  optimizer: { name: 'Momentum', step: 7, slots: { velocity: new Map() } },
  progress: inNode.BEGINNING,
  generator: { seed: 4_000_000_000, stream: 1, drawn: 5 },
};

describe.skipIf(!existsSync(CHROMIUM))(`data in a browser (skipped without ${CHROMIUM})`, () => {
  let folder: string;
  let server: Server;
  let browser: Browser;
  let page: Page;
  /** The archive as it is downloaded: one in another. */
  let zip: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fovea-page-'));
    await mkdir(join(folder, 'classes', 'left'), { recursive: true });
    await mkdir(join(folder, 'classes', 'right'));
    const photographs: { name: string; data: Uint8Array }[] = [];
    const pngs = [0, 1].map((seed) =>
      pngOfRows({ width: 37, height: 21, depth: 16, colorType: 6, interlaced: seed === 1, seed }),
    );
    for await (const { path, bytes } of inNode.syntheticFiles({ training: 5, validation: 2, size: 90 }))
      photographs.push({ name: path, data: bytes });
    for (const [i, data] of pngs.entries())
      photographs.push({ name: `PALM-Training400/H000${8 + i}.png`, data });
    zip = join(folder, 'training.zip');
    await writeFile(zip, buildZip([{ name: 'inner.zip', data: buildZip(photographs), method: 0 }]));
    for (const { name, data } of photographs) {
      const side = name.includes('/P') ? 'left' : 'right';
      if (name.startsWith('PALM-Training400/'))
        await writeFile(join(folder, 'classes', side, name.replace('PALM-Training400/', '')), data);
    }
    const rows = [['Label', 'imgName'], ...[1, 2].map((i) => [i % 2, `V000${i}.jpg`])];
    await writeFile(join(folder, 'labels.xlsx'), buildXlsx([rows]));
    const served = await servePage(await pageFiles());
    server = served.server;
    browser = await launchChromium();
    page = await browser.newPage();
    await page.goto(served.address);
    await page.waitForFunction('window.fovea !== undefined');
    await page.addScriptTag({ content: `window.noted = ${noted};` });
  });

  afterAll(async () => {
    await browser?.close();
    server?.close();
    await rm(folder, { recursive: true });
  });

  /** What Node makes of samples. */
  async function expectedOf(samples: readonly inNode.Sample[]) {
    const dataset = new inNode.ImageDataset(samples, { size: 32, workers: 1 });
    return noted(new inNode.DataLoader(dataset, LOADER));
  }

  test('an official archive gives the samples, labels and batches that Node has, byte for byte', async () => {
    const { samples } = await inNode.readTrainingFolder(zip);
    expect(samples).toHaveLength(7);
    await page.setInputFiles('#files', zip);
    const found = await page.evaluate(async (options) => {
      const { DataLoader, ImageDataset, readTrainingFolder, treeOfFiles } = window.fovea;
      const { files } = document.querySelector<HTMLInputElement>('#files')!;
      const { samples, passedOver } = await readTrainingFolder(treeOfFiles(files!));
      const dataset = new ImageDataset(samples, { size: 32, workers: 2 });
      return { passedOver, batches: await window.noted(new DataLoader(dataset, options)) };
    }, LOADER);
    expect(found.batches).toEqual(await expectedOf(samples));
    expect(found.batches.some(({ names }) => names.includes('H0009.png'))).toBe(true);
  });

  test('validation photographs are labelled by a spreadsheet', async () => {
    await page.setInputFiles('#files', [zip, join(folder, 'labels.xlsx')]);
    const labels = await page.evaluate(async () => {
      const [zip, table] = document.querySelector<HTMLInputElement>('#files')!.files!;
      const { samples } = await window.fovea.readValidationFolder(zip!, table!);
      return samples.map(({ name, label }) => [name, label]);
    });
    expect(labels).toEqual([
      ['V0001.jpg', 1],
      ['V0002.jpg', 0],
    ]);
  });

  test('a folder of classes that was chosen, or posted to a worker and back, gives what it gives on disk', async () => {
    const { samples, classes } = await inNode.readClassFolders(join(folder, 'classes'));
    await page.setInputFiles('#folder', join(folder, 'classes'));
    const found = await page.evaluate(async (options) => {
      const { DataLoader, ImageDataset, placeFiles, readClassFolders, treeOfFiles } = window.fovea;
      const placed = placeFiles(document.querySelector<HTMLInputElement>('#folder')!.files!);
      const set = await readClassFolders(treeOfFiles(structuredClone(placed)));
      const { samples } = await readClassFolders(treeOfFiles(placed.map(({ file }) => file)));
      const dataset = new ImageDataset(samples, { size: 32, worker: '/fovea/browser-decode-worker.js' });
      const names = set.samples.map(({ name }) => name);
      return { names, classes: set.classes, batches: await window.noted(new DataLoader(dataset, options)) };
    }, LOADER);
    expect(found.classes).toEqual(classes);
    expect(found.names).toEqual(samples.map(({ name }) => name));
    expect(found.batches).toEqual(await expectedOf(samples));
  });

  test('an image that is damaged, a path, and a worker that there is not are named', async () => {
    await writeFile(join(folder, 'N0001.jpg'), (await readFile(zip)).subarray(0, 500));
    await page.setInputFiles('#files', join(folder, 'N0001.jpg'));
    const { corrupt, errors } = await page.evaluate(async () => {
      const { ImageDataset, readTrainingFolder, treeOfFiles } = window.fovea;
      const { files } = document.querySelector<HTMLInputElement>('#files')!;
      const { samples } = await readTrainingFolder(treeOfFiles(files!));
      const dataset = new ImageDataset(samples, { onCorrupt: 'skip' });
      await dataset.pixels(0);
      const failing = [
        new ImageDataset([{ name: 'a', path: '/home/a.jpg', label: 0 }]),
        new ImageDataset(samples, { worker: '/none.js' }),
      ];
      const errors = failing.map((each) => each.pixels(0).catch(({ message }: Error) => message));
      return { corrupt: dataset.corrupt, errors: await Promise.all(errors) };
    });
    expect(corrupt).toEqual([
      { name: 'N0001.jpg', reason: expect.stringMatching(/N0001\.jpg.*Neither a JPEG/) },
    ]);
    expect(errors[0]).toMatch(/home\/a\.jpg: a page reads no paths/);
    expect(errors[1]).toMatch(/N0001\.jpg broke down: its code cannot be loaded/);
  });

  test('scaled pixels are kept, damaged ones made anew, and the oldest removed', async () => {
    const { samples } = await inNode.readTrainingFolder(zip);
    await page.setInputFiles('#files', zip);
    const found = await page.evaluate(async (options) => {
      const { DataLoader, ImageDataset, readTrainingFolder, treeOfDirectory, treeOfFiles } = window.fovea;
      const { files } = document.querySelector<HTMLInputElement>('#files')!;
      const { samples } = await readTrainingFolder(treeOfFiles(files!));
      const load = (cache: object) =>
        window.noted(new DataLoader(new ImageDataset(samples, { size: 32, ...cache }), options));
      const cache = 'kept/pixels';
      const kept = await (await navigator.storage.getDirectory()).getDirectoryHandle('kept', {
        create: true,
      });
      const entries = async () => {
        const { folders } = await treeOfDirectory(kept).list();
        return (await folders[0]!.list()).files.map(({ name, source }) => ({ name, bytes: source!.bytes }));
      };
      const first = await load({ cache });
      const written = await entries();
      const folder = await kept.getDirectoryHandle('pixels');
      const damage = await (await folder.getFileHandle(written[0]!.name)).createWritable();
      await damage.write('damaged');
      await damage.close();
      const second = await load({ cache });
      const mended = await entries();
      const entry = written[1]!.bytes;
      // The next entry that is written finds too many.
      await folder.removeEntry(written[2]!.name);
      await load({ cache: { folder: cache, maxBytes: 4 * entry } });
      const bound = Date.now() + 2000;
      while ((await entries()).length > 4 && Date.now() < bound)
        await new Promise((done) => setTimeout(done, 10));
      return { first, second, entry, written, mended, left: (await entries()).length };
    }, LOADER);
    const expected = await expectedOf(samples);
    expect(found.first).toEqual(expected);
    expect(found.second).toEqual(expected);
    expect(found.written).toHaveLength(samples.length);
    expect(found.written.every(({ bytes }) => bytes === found.entry)).toBe(true);
    expect(found.mended.toSorted(byName)).toEqual(found.written.toSorted(byName));
    expect(found.left).toBeLessThanOrEqual(4);
  });

  test('a checkpoint has the bytes of Node’s, and survives a write that was broken off', async () => {
    const file = join(folder, 'a.safetensors');
    await inNode.saveCheckpoint(file, CHECKPOINT);
    const bytes = [...(await readFile(file))];
    const found = await page.evaluate(async (bytes) => {
      const {
        decodeCheckpoint,
        encodeCheckpoint,
        listCheckpoints,
        loadCheckpoint,
        removeCheckpoint,
        saveCheckpoint,
      } = window.fovea;
      const checkpoint = decodeCheckpoint(Uint8Array.from(bytes));
      await saveCheckpoint('runs/1/last.safetensors', checkpoint);
      await saveCheckpoint('other.safetensors', checkpoint);
      const root = await navigator.storage.getDirectory();
      const run = await (await root.getDirectoryHandle('runs')).getDirectoryHandle('1');
      const handle = await run.getFileHandle('last.safetensors');
      const written = [...new Uint8Array(await (await handle.getFile()).arrayBuffer())];
      const broken = await handle.createWritable();
      await broken.write('half a checkpo');
      const after = [...encodeCheckpoint(await loadCheckpoint('runs/1/last.safetensors'))];
      const within = await listCheckpoints('runs');
      const all = (await listCheckpoints()).map(({ path }) => path);
      await broken.abort();
      await removeCheckpoint('runs');
      await removeCheckpoint('runs/1/last.safetensors');
      const errors = await Promise.all(
        [
          loadCheckpoint('runs/1/last.safetensors'),
          loadCheckpoint('none'),
          saveCheckpoint('../a', checkpoint),
        ].map((each) =>
          each.then(
            () => 'no error',
            ({ message }: Error) => message,
          ),
        ),
      );
      const left = await listCheckpoints('runs');
      return { written, after, within, all, errors, left };
    }, bytes);
    expect(found.written).toEqual(bytes);
    expect(found.after).toEqual(bytes);
    expect(found.within).toEqual([
      { path: 'runs/1/last.safetensors', bytes: bytes.length, written: expect.any(Number) },
    ]);
    expect(found.all.toSorted()).toEqual(['other.safetensors', 'runs/1/last.safetensors']);
    expect(found.errors).toEqual([
      expect.stringContaining('Cannot read "runs/1/last.safetensors"'),
      expect.stringMatching(/Cannot read "none".*there is no such file/),
      expect.stringContaining('has a part that is . or ..'),
    ]);
    expect(found.left).toEqual([]);
  });

  test('the page in examples/ trains under a strict policy, and asks nothing of any network', async () => {
    const other = await browser.newPage();
    const asked: string[] = [];
    await other.goto(new URL('example', page.url()).href);
    other.on('request', (request) => asked.push(request.url()));
    await other.setInputFiles('#files', zip);
    await other.click('#train');
    await other.waitForSelector('#train:enabled', { timeout: 90_000 });
    const log = await other.textContent('#log');
    expect(log).toMatch(/step 2: loss \d\.\d{4}/);
    expect(log).toMatch(/kept as example\/last\.safetensors, \d{8} bytes\n$/);
    expect(asked.filter((url) => !url.endsWith('/fovea/browser-decode-worker.js'))).toEqual([]);
    await other.close();
  });
});

const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
  a.name < b.name ? -1 : 1;
