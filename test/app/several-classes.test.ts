/**
 * @file More than two classes in the application: folders of photographs are trained on, judged, explained and used.
 */

import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { syntheticFiles } from '../../src/data/synth/synthetic-files.ts';
import { CHROMIUM, launchChromium } from '../support/chromium.ts';
import { seriousFindings } from './accessibility.ts';
import { newProfile, serveApp, takePictures, watchedPage } from './browser.ts';

const SLOW = { timeout: 120_000 };
const CLASSES = ['healthy', 'glaucoma', 'myopia'];

/** A folder with a folder for each class, of five drawn photographs each. */
async function drawClasses(folder: string): Promise<void> {
  for (const name of CLASSES) await mkdir(join(folder, name), { recursive: true });
  let next = 0;
  for await (const { path, bytes } of syntheticFiles({ training: 15, validation: 0, size: 32 })) {
    if (!path.endsWith('.jpg')) continue;
    await writeFile(join(folder, CLASSES[next++ % CLASSES.length]!, basename(path)), bytes);
  }
}

test.skipIf(!existsSync(CHROMIUM))(
  'photographs of three classes, a folder each, are trained on, judged, explained and told',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fovea-app-'));
    const server = await serveApp();
    const browser = await launchChromium();
    try {
      await drawClasses(join(folder, 'eyes'));
      const { page, errors } = await watchedPage(await newProfile(browser, 'en-GB'), server.url);
      const go = (tab: string) => page.getByRole('navigation').getByRole('link', { name: tab }).click();
      await page.goto(server.url);
      await page.locator('input[data-folder=true]').setInputFiles(join(folder, 'eyes'));
      await page.getByRole('link', { name: 'Go on to Train' }).waitFor(SLOW);
      expect(await page.locator('tbody tr').allTextContents()).toEqual(
        [...CLASSES]
          .sort()
          .map((name) => `${name}41`)
          .concat('All123'),
      );
      await go('Train');
      await page.getByLabel('Layers').selectOption('18', SLOW);
      await page.locator('[name=size]').fill('32');
      await page.locator('[name=batchSize]').fill('6');
      await page.locator('[name=epochs]').fill('1');
      await page.getByRole('button', { name: 'Start training' }).click();
      await page.getByText('Done.').waitFor(SLOW);

      await go('Judge');
      const confusion = page.locator('.confusion tbody tr');
      await confusion.first().waitFor(SLOW);
      const counts = await confusion.locator('td').allTextContents();
      expect(counts.length).toBe(9);
      expect(counts.reduce((sum, count) => sum + Number(count), 0)).toBe(3);
      expect(await seriousFindings(page)).toEqual([]);
      await takePictures(page, 'judge-several');

      await go('Explain');
      await expect.poll(() => page.locator('.beside canvas').count(), SLOW).toBe(3);
      await takePictures(page, 'explain-several');

      await go('Use');
      await page.getByRole('button', { name: 'Take the trained model' }).click();
      await page.getByText(/3 classes/).waitFor(SLOW);
      const photograph = join(folder, 'eyes', 'healthy', 'P0001.jpg');
      await page.locator('input[type=file][multiple]').setInputFiles(photograph);
      const told = page.locator('.told li li');
      await expect.poll(() => told.count(), SLOW).toBe(3);
      const names = (await told.allTextContents()).map((text) => text.split(':')[0]);
      expect(names.sort()).toEqual([...CLASSES].sort());
      expect(errors).toEqual([]);
    } finally {
      await browser.close();
      await server.close();
      await rm(folder, { recursive: true });
    }
  },
);
