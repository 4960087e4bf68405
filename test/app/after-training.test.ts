/**
 * @file What comes after a training in the application: the model is judged, explained, used and taken away; `fovea eval` finds the
 * same figures on the checkpoint that was taken away, and `fovea train` comes to the same checkpoints.
 */

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeImage } from '../../src/data/decode.ts';
import { writeSyntheticDataset } from '../../src/data/synth.ts';
import { decodeWeights, encodeWeights } from '../../src/interop/weights.ts';
import type { StaticServer } from '../../src/serve/static-server.ts';
import type { Checkpoint } from '../../src/train/checkpoint.ts';
import { loadCheckpoint } from '../../src/train/checkpoint-file.ts';
import { readMetrics } from '../../src/train/metrics-log.ts';
import { CHROMIUM, launchChromium } from '../support/chromium.ts';
import { isTooWide, seriousFindings } from './accessibility.ts';
import { newProfile, serveApp, takePictures, watchedPage } from './browser.ts';
import { keptLosses } from './kept-files.ts';

const SLOW = { timeout: 240_000 };

/** The command line from its sources, on the same driver as the browser's. */
const fovea = (...args: string[]) =>
  promisify(execFile)('node', ['--import', 'tsx', 'src/cli/main.ts', ...args], {
    env: { ...process.env, VK_DRIVER_FILES: '/nonexistent' },
  });

/** Weights, statistics and velocities by their names, each as a digest. */
function stateOf({ model, optimizer }: Checkpoint): object {
  const entries = [...model, ...Object.values(optimizer.slots).flatMap((slot) => [...slot])];
  return entries.map(([name, { data }]) => [name, createHash('sha256').update(data).digest('hex')]);
}

/** What JSON says, but for the last digits: `Math.exp` of one JavaScript engine is not always another's. */
const rounded = (json: string): object =>
  JSON.parse(json, (_, value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(9)) : value));

describe.skipIf(!existsSync(CHROMIUM))(`after a training (skipped without ${CHROMIUM})`, () => {
  let folder: string;
  let drawn: string;
  let server: StaticServer;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let watched: Awaited<ReturnType<typeof watchedPage>>;

  /** Where the command line finds the photographs. */
  const validation = () => [
    ...['--val', join(drawn, 'PALM-Validation400')],
    ...['--labels', join(drawn, 'labels.csv')],
  ];

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

  /** Saves what a button gives, under its own name or another, and tells where. */
  const saved = async (button: string, name?: string) => {
    const waiting = page.waitForEvent('download', SLOW);
    await page.getByRole('button', { name: button, exact: true }).click();
    const download = await waiting;
    const path = join(folder, name ?? download.suggestedFilename());
    await download.saveAs(path);
    return path;
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fovea-app-'));
    drawn = join(folder, 'drawn');
    await writeSyntheticDataset(drawn, { training: 40, validation: 20, size: 256, seed: 1 });
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
    await page.locator('[name=maxSteps]').fill('5');
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
    await page.getByText('10 are wrong').waitFor();
  });

  test('the best round is shown, or the last step', async () => {
    const model = page.locator('[name=model]');
    await page.getByText('after 4 steps. They chose this round').waitFor(SLOW);
    await model.selectOption('last');
    await page.getByText('not trained on, after 5 steps.', { exact: false }).waitFor(SLOW);
    await model.selectOption('best');
    await page.getByText('after 4 steps. They chose this round').waitFor(SLOW);
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
    const names = ['Checkpoint', 'ONNX', 'Report', 'Report without photographs', 'Model card', 'Figures'];
    await open('Take away', () => page.getByRole('button', { name: 'Save: Figures' }).waitFor(SLOW));
    const paths: string[] = [];
    for (const name of names) paths.push(await saved(`Save: ${name}`));
    const [checkpoint, , report, without, card, figures] = paths as [
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    const [shown, named] = [await readFile(report, 'utf8'), await readFile(without, 'utf8')];
    const mistakes = named.match(/, taken for /g)!.length;
    expect(shown.match(/src="data:image\/jpeg/g)!.length).toBe(2 * mistakes); // each with its map
    for (const page of [shown, named]) expect(page).toMatch(/The course of the training.*>Loss<.*<path/s);
    expect(named).toMatch(/V\d{4}\.jpg/);
    expect(named).not.toContain('<img');
    expect(await readFile(card, 'utf8')).toContain('| validation | 20 | 10 | 10 |');
    const json = join(folder, 'eval.json');
    await fovea('eval', '--checkpoint', checkpoint, ...validation(), '--json', json);
    const [ofPage, ofNode] = [
      rounded(await readFile(figures, 'utf8')),
      rounded(await readFile(json, 'utf8')),
    ];
    expect({ ...ofPage, checkpoint: '' }).toEqual({ ...ofNode, checkpoint: '' });
  });

  test('Node comes to the same bits on the same adapter', async () => {
    await page.getByRole('link', { name: 'Take away', exact: true }).click();
    const best = await saved('Save: Checkpoint', 'best.safetensors');
    await page.locator('[name=model]').selectOption('last');
    const ofPage = { best, last: await saved('Save: Checkpoint', 'last.safetensors') };
    await page.locator('[name=model]').selectOption('best');
    const run = join(folder, 'run');
    const settings = '--layers 18 --size 32 --epochs 10 --seed 1 --max-steps 5 --no-photographs'.split(' ');
    const training = ['--train', join(drawn, 'PALM-Training400')];
    await fovea('train', ...training, ...validation(), ...settings, '--out', run);
    // The page's adapter is that by the browser's arguments.
    expect(await readFile(join(run, 'model-card.md'), 'utf8')).toMatch(/adapter.*SwiftShader/);
    const steps = (await readMetrics(join(run, 'metrics.jsonl'))).filter(({ kind }) => kind === 'step');
    expect(await keptLosses(page)).toEqual(steps.map((step) => 'loss' in step && step.loss));
    for (const which of ['best', 'last'] as const) {
      const inPage = await loadCheckpoint(ofPage[which]);
      const inNode = await loadCheckpoint(join(run, `${which}.safetensors`));
      expect(inPage.progress).toEqual(inNode.progress);
      expect(stateOf(inPage)).toEqual(stateOf(inNode));
    }
  });

  test('a new photograph is told by the trained model, and by the file that was taken away', async () => {
    await open('Use', () => page.getByRole('button', { name: 'Take the trained model' }).waitFor(SLOW));
    const photograph = join(drawn, 'PALM-Validation400', 'V0001.jpg');
    const told = page.getByText(/^Takes it for/);
    const tell = async () => {
      await page.locator('input[type=file][multiple]').setInputFiles(photograph, SLOW);
      await told.first().waitFor(SLOW);
      return told.first().textContent();
    };
    const chooseModel = async (path: string) => {
      await page.locator('input[accept*=safetensors]').setInputFiles(path);
      await page.getByText(`${basename(path)}: ResNet-18`).waitFor(SLOW);
    };
    await page.getByRole('button', { name: 'Take the trained model' }).click();
    const byTrained = await tell();
    await chooseModel(join(folder, 'model.safetensors'));
    expect(await tell()).toBe(byTrained);
    const weights = await decodeWeights(await readFile(join(folder, 'model.safetensors')));
    await writeFile(join(folder, 'model.pth'), encodeWeights(weights, { format: 'pth' }));
    await writeFile(join(folder, 'model.pdparams'), encodeWeights(weights, { format: 'pdparams' }));
    await chooseModel(join(folder, 'model.pth'));
    expect(await tell()).toBe(byTrained);
    // Paddle's files say neither the size of images nor the names of classes.
    await chooseModel(join(folder, 'model.pdparams'));
    await page.getByText(/224 × 224 pixels are assumed/).waitFor();
    expect(await tell()).toMatch(/^Takes it for class [01] /);
    await page.locator('input[accept*=safetensors]').setInputFiles(photograph);
    const alert = page.getByRole('alert');
    await alert.waitFor(SLOW);
    expect(await alert.textContent()).toMatch(/must hold the weights of a ResNet.*Details:/);
    await takePictures(page, 'use-told');
  });

  test('nothing left the page meanwhile, and nothing went wrong', () => {
    expect({ errors: watched.errors, strangers: watched.strangers }).toEqual({ errors: [], strangers: [] });
  });
});
