/**
 * @file What the application makes of photographs as they come: in archives, damaged, with a table that is wrong; and of browsers without
 * WebGPU or a network.
 */

import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { syntheticFiles } from '../../src/data/synth/synthetic-files.ts';
import type { StaticServer } from '../../src/serve/static-server.ts';
import { type Photograph, writeArchives } from '../data/official-archives.ts';
import { CHROMIUM, launchChromium } from '../support/chromium.ts';
import { seriousFindings } from './accessibility.ts';
import { newProfile, serveApp, speak, watchedPage } from './browser.ts';
import { rowsOf } from './data-page.ts';

const NEXT = 'Go on to Train';
const SLOW = { timeout: 60_000 };

/** A small drawn data set: its photographs, and the table. */
async function drawn() {
  const photographs: Photograph[] = [];
  for await (const { path, bytes } of syntheticFiles({ training: 8, validation: 4, size: 32 }))
    photographs.push([basename(path), bytes]);
  const [, table] = photographs.pop()!;
  return { photographs, table: new TextDecoder().decode(table) };
}

/** Chooses files by the button of the page Data, as from a dialog. */
async function choose(page: Page, files: readonly (readonly [name: string, content: Uint8Array | string])[]) {
  await page.locator('input[data-folder=false]').setInputFiles(
    files.map(([name, content]) => ({
      name,
      mimeType: 'application/octet-stream',
      buffer: Buffer.from(content),
    })),
  );
}

describe.skipIf(!existsSync(CHROMIUM))(`data in a page (skipped without ${CHROMIUM})`, () => {
  let server: StaticServer;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    server = await serveApp();
    browser = await launchChromium();
    context = await newProfile(browser, 'en-GB');
    ({ page } = await watchedPage(context, server.url));
  });

  beforeEach(async () => {
    await page.goto(server.url);
  });

  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  test('the official archives, one in the other, are read as they were downloaded', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fovea-app-'));
    try {
      const { photographs, table } = await drawn();
      const [validation, training] = [/^V/, /^[HNP]/].map((name) =>
        photographs.filter((photograph) => name.test(photograph[0])),
      );
      const rows = table.trim().split('\n').slice(1);
      const cells = rows.map((row) => row.split(',').map((cell, i) => (i === 1 ? cell : Number(cell))));
      const { train, val, labels } = await writeArchives(folder, training!, validation!, cells);
      await page.locator('input[data-folder=false]').setInputFiles([train, val, labels]);
      await page.getByRole('link', { name: NEXT }).waitFor(SLOW);
      expect(await rowsOf(page)).toEqual([
        ['not pathologic', '4', '2'],
        ['pathologic', '4', '2'],
        ['All', '8', '4'],
      ]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    await page.getByRole('button', { name: 'Remove all' }).click();
    expect(await page.getByRole('link', { name: NEXT }).count()).toBe(0);
  });

  test('by keyboard one goes on where one was, and on the next page at its beginning', async () => {
    const { photographs, table } = await drawn();
    const focused = () => page.evaluate(() => document.activeElement?.textContent ?? '');
    const button = page.getByRole('button', { name: /^Choose files/ });
    await button.focus();
    const label = await focused();
    await choose(page, [...photographs, ['labels.csv', table]]);
    const next = page.getByRole('link', { name: NEXT });
    await next.waitFor(SLOW);
    expect(await focused()).toBe(label);
    await next.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Train' }).waitFor(SLOW);
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('page');
  });

  test('a damaged photograph is named, with why', async () => {
    const { photographs, table } = await drawn();
    const damaged = photographs.map(
      ([name, bytes]): Photograph => [name, name === 'P0002.jpg' ? bytes.subarray(0, 99) : bytes],
    );
    await choose(page, [...damaged, ['labels.csv', table]]);
    await page.getByRole('link', { name: NEXT }).waitFor(SLOW);
    await page.getByRole('button', { name: /damaged/ }).click();
    const found = page.getByText('1 photograph is damaged');
    await found.waitFor(SLOW);
    await found.click();
    expect(await page.getByRole('listitem').filter({ hasText: 'P0002.jpg' }).first().textContent()).toContain(
      'The JPEG is cut off',
    );
  });

  test('a table that is wrong is told row by row, and nothing is trained on', async () => {
    const { photographs } = await drawn();
    const images = photographs.slice(0, 2).map(([, bytes], i) => [`eye${i}.jpg`, bytes] as const);
    await choose(page, [
      ...images,
      ['classes.csv', 'file,class\neye0.jpg,left\ngone.jpg,right\neye1.jpg,\n'],
    ]);
    await page.getByRole('heading', { name: 'The table has mistakes' }).waitFor(SLOW);
    const rows = await rowsOf(page);
    expect(rows.map(([row]) => row)).toEqual(['3', '4']);
    expect(rows[0]![1]).toContain('gone.jpg');
    expect(await page.getByRole('link', { name: NEXT }).count()).toBe(0);
    expect(await seriousFindings(page)).toEqual([]);
  });

  test('where no class is found, the message says what to do', async () => {
    await choose(page, [['notes.txt', 'nothing to see']]);
    const alert = page.getByRole('alert');
    await alert.waitFor(SLOW);
    expect(await alert.textContent()).toMatch(
      /Put the photographs of each class into a folder.*Details:.*only notes\.txt/,
    );
    expect(await alert.textContent()).not.toContain('--');
    await speak(page, 'zh');
    expect(await alert.textContent()).toMatch(/请把每个类别的照片放入以该类别命名的文件夹/);
    await speak(page, 'en');
  });

  test('photographs to validate on are not passed over because their table is wrong', async () => {
    const { photographs, table } = await drawn();
    await choose(page, [...photographs, ['labels.csv', table.replace('Label', 'Etikett')]]);
    const alert = page.getByRole('alert');
    await alert.waitFor(SLOW);
    expect(await alert.textContent()).toContain('has no column "Label"');
    expect(await page.getByRole('link', { name: NEXT }).count()).toBe(0);
    await choose(page, [['labels.csv', table.replaceAll(',', ';')]]);
    await page.getByRole('link', { name: NEXT }).waitFor(SLOW);
    expect((await rowsOf(page)).at(-1)).toEqual(['All', '8', '4']);
  });

  test('a table of other columns is read once their names are given', async () => {
    const { photographs } = await drawn();
    const images = photographs.slice(0, 4).map(([, bytes], i) => [`eye${i}.jpg`, bytes] as const);
    const rows = images.map(([name], i) => `${name},${i % 2 ? 'left' : 'right'}`);
    await choose(page, [...images, ['classes.csv', ['image,side', ...rows].join('\n')]]);
    await page.getByRole('alert').waitFor(SLOW);
    await page.getByLabel('Column of files').fill('image');
    await page.getByLabel('Column of classes').fill('side');
    await page.getByRole('button', { name: 'Read again' }).click();
    await page.getByRole('link', { name: NEXT }).waitFor(SLOW);
    expect((await rowsOf(page)).map(([name]) => name)).toEqual(['left', 'right', 'All']);
  });

  test('a class without a photograph to train on is told', async () => {
    const { photographs, table } = await drawn();
    await choose(page, [...photographs.filter(([name]) => !/^[HN]/.test(name)), ['labels.csv', table]]);
    await page.getByText('There is no photograph to train on of: not pathologic.').waitFor(SLOW);
  });

  test('files that are dropped beside the place for them do not open in place of the application', async () => {
    const isRefused = await page.evaluate(() =>
      ['dragover', 'drop'].map((kind) => {
        const event = new DragEvent(kind, { bubbles: true, cancelable: true });
        document.body.dispatchEvent(event);
        return event.defaultPrevented;
      }),
    );
    expect(isRefused).toEqual([true, true]);
  });

  test('without WebGPU the page says which browsers have it', async () => {
    const { page: old } = await watchedPage(context, server.url);
    await old.addInitScript(() => Object.defineProperty(navigator, 'gpu', { value: undefined }));
    await old.goto(server.url);
    expect(await old.getByRole('row').count()).toBeGreaterThan(3);
    expect(await seriousFindings(old)).toEqual([]);
    await old.close();
  });

  test('after the first visit it opens without a network, every page of it', async () => {
    const other = await serveApp();
    const { page: visitor, errors } = await watchedPage(context, other.url);
    await visitor.goto(other.url);
    await visitor.evaluate(() => navigator.serviceWorker.ready);
    await other.close();
    await visitor.reload();
    for (const name of ['Train', 'Judge', 'Explain', 'Use', 'Take away', 'Laboratory', 'Data']) {
      await visitor.getByRole('link', { name, exact: true }).first().click();
      await visitor.getByRole('heading', { level: 1, name }).waitFor(SLOW);
    }
    expect(errors).toEqual([]);
    await visitor.close();
  });
});
