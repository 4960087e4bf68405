/**
 * @file A training by hand: photographs are dropped, what it will take is asked, it is paused, gone on with and stopped.
 */

import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeSyntheticDataset } from '../../src/data/synth.ts';
import type { StaticServer } from '../../src/serve/static-server.ts';
import { CHROMIUM, launchChromium } from '../support/chromium.ts';
import { newProfile, serveApp, watchedPage } from './browser.ts';
import { rowsOf } from './data-page.ts';
import { drop } from './drop.ts';
import { figure, pointsOfLoss, stepsDone } from './training-page.ts';

const NEXT = 'Go on to Train';
const SLOW = { timeout: 240_000 };
const [TRAINING, EPOCHS, BATCH] = [20, 100, 2];
/** Four fifths of the photographs are trained on. */
const STEPS = (0.8 * TRAINING * EPOCHS) / BATCH;

/** What a time such as `2 hr 5 min` is in seconds. */
function secondsOf(time: string): number {
  const units: Record<string, number> = { sec: 1, min: 60, hr: 3600 };
  const parts = [...time.matchAll(/([\d.]+) (sec|min|hr)/g)];
  return parts.reduce((sum, [, value, unit]) => sum + Number(value) * (units[unit ?? ''] ?? Number.NaN), 0);
}

describe.skipIf(!existsSync(CHROMIUM))(`a training by hand (skipped without ${CHROMIUM})`, () => {
  let folder: string;
  let server: StaticServer;
  let browser: Browser;
  let page: Page;
  let errors: string[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fovea-app-'));
    const drawn = join(folder, 'drawn');
    await writeSyntheticDataset(drawn, { training: TRAINING, validation: 4, size: 32 });
    // A folder for each class, in one that is dropped.
    for (const name of await readdir(join(drawn, 'PALM-Training400'))) {
      const kind = name.startsWith('P') ? 'pathologic' : 'healthy';
      await mkdir(join(folder, 'eyes', kind), { recursive: true });
      await cp(join(drawn, 'PALM-Training400', name), join(folder, 'eyes', kind, name));
    }
    server = await serveApp();
    browser = await launchChromium();
    ({ page, errors } = await watchedPage(await newProfile(browser, 'en-GB'), server.url));
    await page.goto(server.url);
    await page.locator('.chooser').waitFor(SLOW);
  });

  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await rm(folder, { recursive: true });
  });

  test('single photographs are dropped, then their table', async () => {
    const photographs = join(folder, 'drawn', 'PALM-Validation400');
    const names = (await readdir(photographs)).sort();
    const table = join(folder, 'classes.csv');
    await writeFile(table, `file,class\n${names.map((name, i) => `${name},${'ab'[i % 2]}\n`).join('')}`);
    await drop(
      page,
      '.chooser',
      names.map((name) => join(photographs, name)),
    );
    await page.getByRole('alert').waitFor(SLOW);
    await drop(page, '.chooser', [table]);
    await page.getByRole('link', { name: NEXT }).waitFor(SLOW);
    expect((await rowsOf(page)).map(([name]) => name)).toEqual(['a', 'b', 'All']);
    await page.getByRole('button', { name: 'Remove all' }).click();
  });

  test('a folder of folders is dropped, whose names are the classes', async () => {
    await drop(page, '.chooser', [join(folder, 'eyes')]);
    await page.getByRole('link', { name: NEXT }).waitFor(SLOW);
    expect(await rowsOf(page)).toEqual([
      ['healthy', '8', '2'],
      ['pathologic', '8', '2'],
      ['All', '16', '4'],
    ]);
  });

  test('what it will take is told beforehand', async () => {
    await page.getByRole('link', { name: NEXT }).click();
    await page.getByLabel('Layers').selectOption('18', SLOW);
    for (const [name, value] of [
      ['size', 32],
      ['epochs', EPOCHS],
      ['batchSize', BATCH],
    ] as const)
      await page.locator(`[name=${name}]`).fill(`${value}`);
    const began = performance.now();
    await page.getByRole('button', { name: 'What will it take?' }).click();
    const told = page.getByText(/^Takes .* of memory and about .* for 800 steps\.$/);
    await told.waitFor(SLOW);
    const asked = (performance.now() - began) / 1000;
    const [, memory, time = ''] =
      /^Takes (\d+) MB of memory and about (.*) for/.exec((await told.textContent()) ?? '') ?? [];
    // 11.2 million parameters, each with a gradient and a velocity, are 134 MB; small images add little.
    expect(Number(memory)).toBeGreaterThan(134);
    expect(Number(memory)).toBeLessThan(300);
    // It was found out by two steps and more.
    expect(secondsOf(time)).toBeGreaterThan(0);
    expect(secondsOf(time) / STEPS).toBeLessThan(asked / 2);
  });

  test('it is paused and gone on with, and its curve has every step', async () => {
    await page.getByRole('button', { name: 'Start training' }).click();
    await expect.poll(() => stepsDone(page), SLOW).toBeGreaterThan(2);
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByText('Paused. Nothing is lost.').waitFor(SLOW);
    const paused = await stepsDone(page);
    expect(await pointsOfLoss(page)).toBe(paused);
    expect(await figure(page, 'Saved after step').textContent()).toBe(`${paused}`);
    await page.getByRole('button', { name: 'Go on' }).click();
    await expect.poll(() => stepsDone(page), SLOW).toBeGreaterThan(paused + 2);
    expect(await figure(page, 'Time left').textContent()).toMatch(/^[\d.]+ (sec|min|hr)/);
  });

  test('it is stopped within a round, which is validated', async () => {
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('Done.', { exact: true }).waitFor(SLOW);
    const steps = await stepsDone(page);
    expect(await pointsOfLoss(page)).toBe(steps);
    expect(steps).toBeLessThan(STEPS);
    const perRound = STEPS / EPOCHS;
    expect(await page.locator('tbody tr').count()).toBe(Math.ceil(steps / perRound));
    expect(errors).toEqual([]);
  });

  test('another tab neither resumes nor replaces it before this one is closed', async () => {
    const other = await page.context().newPage();
    await other.goto(server.url);
    await drop(other, '.chooser', [join(folder, 'eyes')]);
    await other.getByRole('link', { name: NEXT }).click(SLOW);
    await other.getByRole('button', { name: 'Start training' }).click(SLOW);
    await other.getByRole('alert').filter({ hasText: 'Another tab' }).waitFor(SLOW);
    expect(await other.getByRole('button', { name: 'Resume' }).count()).toBe(0);
    await page.close();
    await other.reload();
    await other.getByRole('button', { name: 'Resume' }).waitFor(SLOW);
  });
});
