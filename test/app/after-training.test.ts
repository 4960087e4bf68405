/**
 * @file What comes after a training in the application: the model is judged, explained, used and taken away; and `fovea eval` finds the
 * same figures on the checkpoint that was taken away.
 */

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeImage } from '../../src/data/decode.ts';
import { writeSyntheticDataset } from '../../src/data/synth.ts';
import type { StaticServer } from '../../src/serve/static-server.ts';
import { CHROMIUM, launchChromium } from '../support/chromium.ts';
import { isTooWide, seriousFindings } from './accessibility.ts';
import { newProfile, serveApp, takePictures, watchedPage } from './browser.ts';

const SLOW = { timeout: 240_000 };

/** The command line from its sources, on the same driver as the browser's. */
const fovea = (...args: string[]) =>
  promisify(execFile)('node', ['--import', 'tsx', 'src/cli/main.ts', ...args], {
    env: { ...process.env, VK_DRIVER_FILES: '/nonexistent' },
  });

/** What JSON says, but for the last digits: `Math.exp` of one JavaScript engine is not always another's. */
const rounded = (json: string): object =>
  JSON.parse(json, (_, value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(9)) : value));

describe.skipIf(!existsSync(CHROMIUM))(`after a training (skipped without ${CHROMIUM})`, () => {
  let folder: string;
  let server: StaticServer;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let watched: Awaited<ReturnType<typeof watchedPage>>;

  /** Goes to a page by its tab, and looks whether it keeps someone out, once `ready` is there. */
  const open = async (tab: string, ready: () => Promise<unknown>) => {
    await page.getByRole('navigation').getByRole('link', { name: tab, exact: true }).click();
    await ready();
    expect(await seriousFindings(page)).toEqual([]);
    await takePictures(page, tab.replace(' ', '-').toLowerCase());
    await page.setViewportSize({ width: 360, height: 740 });
    expect(await isTooWide(page)).toBe(false);
    await page.setViewportSize({ width: 1280, height: 800 });
  };

  /** Saves what a button gives, and tells where. */
  const saved = async (button: string | RegExp) => {
    const waiting = page.waitForEvent('download', SLOW);
    await page.getByRole('button', { name: button }).click();
    const download = await waiting;
    const path = join(folder, download.suggestedFilename());
    await download.saveAs(path);
    return path;
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fovea-app-'));
    server = await serveApp();
    browser = await launchChromium();
    context = await newProfile(browser, 'en-GB');
    watched = await watchedPage(context, server.url);
    page = watched.page;
    await page.goto(server.url);
    await page.getByRole('button', { name: /^Draw 60/ }).click();
    await page.getByRole('link', { name: 'Go on to Train' }).click(SLOW);
    await page.getByLabel('Layers').selectOption('18', SLOW);
    await page.locator('[name=size]').fill('32');
    await page.locator('summary').click();
    await page.locator('[name=maxSteps]').fill('2');
    await page.getByRole('button', { name: 'Start training' }).click();
    await page.getByText(/^(Done\.|Paused\.)/).waitFor(SLOW);
  }, 300_000);

  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await rm(folder, { recursive: true });
  });

  test('the threshold moves what is told of it', async () => {
    await open('Judge', () => page.getByRole('slider').waitFor(SLOW));
    const sensitivity = page.locator('.big dd').first();
    await page.getByRole('slider').fill('0');
    await expect.poll(() => sensitivity.textContent()).toBe('100%');
    await page.getByRole('slider').fill('1');
    await expect.poll(() => sensitivity.textContent()).toBe('0%');
    await page.getByText('10 are wrong.').waitFor();
  });

  test('a photograph is explained by another layer and for the other class, and saved as drawn', async () => {
    const save = page.getByRole('button', { name: 'Save as PNG' });
    await open('Explain', () => save.waitFor(SLOW));
    const title = page.locator('section h2').first();
    const before = await title.textContent();
    await page.getByRole('button', { name: 'Show' }).click();
    await expect.poll(() => title.textContent()).not.toBe(before);
    await page.getByLabel('Layer').selectOption('bb_0_0');
    const image = decodeImage(new Uint8Array(await readFile(await saved('Save as PNG'))));
    expect([image.width, image.height]).toEqual([256, 256]);
  });

  test('every file is taken away, and fovea eval finds the figures of the page on the checkpoint', async () => {
    const names = ['Checkpoint', 'ONNX', 'Report', 'Model card', 'Figures'];
    await open('Take away', () => page.getByRole('button', { name: 'Save: Figures' }).waitFor(SLOW));
    const paths: string[] = [];
    for (const name of names) paths.push(await saved(`Save: ${name}`));
    const [checkpoint, , report, card, figures] = paths as [string, string, string, string, string];
    expect(await readFile(report, 'utf8')).toContain('<svg');
    expect(await readFile(card, 'utf8')).toContain('| validation | 20 | 10 | 10 |');
    const drawn = join(folder, 'drawn');
    await writeSyntheticDataset(drawn, { training: 1, validation: 20, size: 256, seed: 1 });
    const json = join(folder, 'eval.json');
    const validation = ['--val', join(drawn, 'PALM-Validation400'), '--labels', join(drawn, 'labels.csv')];
    await fovea('eval', '--checkpoint', checkpoint, ...validation, '--json', json);
    const [ofPage, ofNode] = [
      rounded(await readFile(figures, 'utf8')),
      rounded(await readFile(json, 'utf8')),
    ];
    expect({ ...ofPage, checkpoint: '' }).toEqual({ ...ofNode, checkpoint: '' });
  });

  test('a new photograph is told by the trained model, and by the file that was taken away', async () => {
    await open('Use', () => page.getByRole('button', { name: 'Take the trained model' }).waitFor(SLOW));
    const photograph = join(folder, 'drawn', 'PALM-Validation400', 'V0001.jpg');
    const told = page.getByText(/^Takes it for/);
    const tell = async () => {
      await page.locator('input[type=file][multiple]').setInputFiles(photograph, SLOW);
      await told.first().waitFor(SLOW);
      return told.first().textContent();
    };
    await page.getByRole('button', { name: 'Take the trained model' }).click();
    const byTrained = await tell();
    await page.locator('input[accept*=safetensors]').setInputFiles(join(folder, 'model.safetensors'));
    await page.getByText(/^model\.safetensors: ResNet-18/).waitFor(SLOW);
    expect(await tell()).toBe(byTrained);
    await page.locator('input[accept*=safetensors]').setInputFiles(photograph);
    await page.getByRole('alert').waitFor(SLOW);
  });

  test('nothing left the page meanwhile, and nothing went wrong', () => {
    expect({ errors: watched.errors, strangers: watched.strangers }).toEqual({ errors: [], strangers: [] });
  });
});
