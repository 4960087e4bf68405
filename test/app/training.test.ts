/**
 * @file The whole way through the application, in English; and in Chinese, with a tab that is killed before the first snapshot, a crash of the
 * GPU process and another of the tab in between, to the same bits.
 */

import { existsSync } from 'node:fs';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StaticServer } from '../../src/serve/static-server.ts';
import { CHROMIUM, launchChromium } from '../support/chromium.ts';
import { isTooWide, seriousFindings } from './accessibility.ts';
import { newProfile, serveApp, takePictures, watchedPage } from './browser.ts';
import { checkpointDigest } from './kept-files.ts';
import { longTasksDuring } from './long-tasks.ts';
import { pointsOfLoss, untilSaved } from './training-page.ts';

/** Sentences that are clicked or waited for, by language. */
const WORDS = {
  en: {
    draw: /^Draw 60/,
    toTrain: 'Go on to Train',
    start: 'Start training',
    done: 'Done.',
    resume: 'Resume',
  },
  zh: { draw: /^绘制 60/, toTrain: '前往训练', start: '开始训练', done: '已完成。', resume: '恢复' },
};
const SLOW = { timeout: 240_000 };

/** Draws the demonstration's photographs, and goes on to the page Train. */
async function drawPhotographs(page: Page, words: (typeof WORDS)['en' | 'zh']): Promise<void> {
  await page.getByRole('button', { name: words.draw }).click();
  await page.getByRole('link', { name: words.toTrain }).waitFor(SLOW);
}

/** Twenty steps of a small network on small images. */
async function chooseSettings(page: Page): Promise<void> {
  await page.locator('[name=layers]').selectOption('18');
  await page.locator('[name=size]').fill('32');
  await page.locator('[name=epochs]').fill('5');
}

describe.skipIf(!existsSync(CHROMIUM))(`training in a page (skipped without ${CHROMIUM})`, () => {
  let server: StaticServer;
  let browser: Browser;
  let undisturbed: string;

  const withProfile = async (locale: string, use: (context: BrowserContext) => Promise<void>) => {
    const context = await newProfile(browser, locale);
    try {
      await use(context);
    } finally {
      await context.close();
    }
  };

  beforeAll(async () => {
    server = await serveApp();
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  test('a page that computes for long is noticed', () =>
    withProfile('en-GB', async (context) => {
      const page = await context.newPage();
      const count = (times: number) =>
        page.evaluate((end) => {
          let i = 0;
          while (i < end) i++;
          return i;
        }, times);
      expect(await longTasksDuring(browser, page, () => count(10))).toEqual([]);
      expect(await longTasksDuring(browser, page, () => count(2e9))).not.toEqual([]);
    }));

  test('photographs are drawn, trained on and validated; nothing leaves, nothing blocks, nobody is kept out', () =>
    withProfile('en-GB', async (context) => {
      const { page, errors, strangers } = await watchedPage(context, server.url);
      await page.goto(server.url);
      expect(await seriousFindings(page)).toEqual([]);
      await drawPhotographs(page, WORDS.en);
      await page.locator('canvas[width]').first().waitFor(SLOW);
      expect(await seriousFindings(page)).toEqual([]);
      await takePictures(page, 'data');
      await page.getByRole('link', { name: WORDS.en.toTrain }).click();
      await chooseSettings(page);
      await takePictures(page, 'settings');
      expect(await seriousFindings(page)).toEqual([]);
      const tasks = await longTasksDuring(browser, page, async () => {
        await page.getByRole('button', { name: WORDS.en.start }).click();
        await page.getByText(WORDS.en.done).waitFor(SLOW);
      });
      await untilSaved(page, 20);
      expect(await page.locator('tbody tr').count()).toBe(5);
      expect(await seriousFindings(page)).toEqual([]);
      await takePictures(page, 'training');
      await page.setViewportSize({ width: 360, height: 740 });
      expect(await isTooWide(page)).toBe(false);
      undisturbed = await checkpointDigest(page);
      expect({ errors, strangers, tasks }).toEqual({ errors: [], strangers: [], tasks: [] });
    }));

  test('in Chinese, the tab is killed at once, the GPU process crashes, the tab is killed again: the bits are the same', () =>
    withProfile('zh-CN', async (context) => {
      const { page: first } = await watchedPage(context, server.url);
      await first.goto(server.url);
      await drawPhotographs(first, WORDS.zh);
      await first.getByRole('link', { name: WORDS.zh.toTrain }).click();
      await chooseSettings(first);
      await first.locator('summary').click();
      await first.locator('[name=saveEvery]').fill('1');
      await first.getByRole('button', { name: WORDS.zh.start }).click();
      await first.getByText('正在训练', { exact: true }).waitFor(SLOW);
      await kill(context, first);

      const { page: second } = await watchedPage(context, server.url);
      await second.goto(`${server.url}#train`);
      await second.getByText('在首次快照之前中断').waitFor(SLOW);
      await second.getByRole('button', { name: WORDS.zh.resume }).click();
      await untilSaved(second, 5);
      // What chrome://gpucrash does, which a driven browser refuses to open.
      const session = await browser.newBrowserCDPSession();
      await session.send('Browser.crashGpuProcess');
      await second.locator('.notes li', { hasText: '图形处理器' }).waitFor(SLOW);
      await untilSaved(second, 6);
      await kill(context, second);

      const { page, errors } = await watchedPage(context, server.url);
      await page.goto(`${server.url}#train`);
      const resume = page.getByRole('button', { name: WORDS.zh.resume });
      await resume.waitFor(SLOW);
      await takePictures(page, 'resume-zh');
      expect(await seriousFindings(page)).toEqual([]);
      await resume.click();
      await page.getByText(WORDS.zh.done).waitFor(SLOW);
      await untilSaved(page, 20);
      expect(await checkpointDigest(page)).toBe(undisturbed);
      expect(await pointsOfLoss(page)).toBe(20);
      expect(errors).toEqual([]);
    }));
});

/** Ends a tab as a crash does: nothing in it runs any more. */
async function kill(context: BrowserContext, page: Page): Promise<void> {
  const session = await context.newCDPSession(page);
  const crashed = page.waitForEvent('crash');
  session.send('Page.crash').catch(() => {}); // It does not live to answer.
  await crashed;
}
