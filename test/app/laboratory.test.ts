/**
 * @file The laboratory of the application: figures of SwiftShader, and what is copied of them.
 */

import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { decodeAdapterFigures } from '../../src/laboratory/read-figures.ts';
import { CHROMIUM, launchChromium } from '../support/chromium.ts';
import { isTooWide, seriousFindings } from './accessibility.ts';
import { newProfile, serveApp, takePictures, watchedPage } from './browser.ts';

const SLOW = { timeout: 240_000 };

test.skipIf(!existsSync(CHROMIUM))(
  'an adapter is measured a little, and its figures are copied',
  async () => {
    const server = await serveApp();
    const browser = await launchChromium();
    try {
      const context = await newProfile(browser, 'en-GB');
      await context.grantPermissions(['clipboard-read', 'clipboard-write']);
      const { page, errors, strangers } = await watchedPage(context, server.url);
      await page.goto(`${server.url}#laboratory`);
      await page.getByRole('textbox').fill('a test');
      await page.getByRole('checkbox').check();
      await page.getByRole('button', { name: 'Measure' }).click();
      await page.getByRole('button', { name: 'Copy as JSON' }).click(SLOW);
      await page.getByText('Copied.').waitFor();
      const read = () => page.evaluate(() => navigator.clipboard.readText());
      const figures = decodeAdapterFigures(await read());
      expect(figures).toMatchObject({ machine: 'a test', quick: true, stopped: false, failed: [] });
      await page.getByRole('button', { name: 'Copy as Markdown' }).click();
      await expect.poll(read).toContain('## Convolutions of ResNet-50');
      expect(await page.locator('rect').count()).toBe(figures.gradients!.ops.length);
      expect(await seriousFindings(page)).toEqual([]);
      await takePictures(page, 'laboratory');
      await page.setViewportSize({ width: 360, height: 740 });
      expect(await isTooWide(page)).toBe(false);
      expect({ errors, strangers }).toEqual({ errors: [], strangers: [] });
    } finally {
      await browser.close();
      await server.close();
    }
  },
);
