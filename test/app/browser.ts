/**
 * @file The built application in Debian's Chromium on SwiftShader.
 */

import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { CONTENT_SECURITY_POLICY } from '../../src/cli/app-policy.ts';
import { type StaticServer, serveFolder } from '../../src/serve/static-server.ts';

/** Where `npm run app` puts it. */
export const BUILT = fileURLToPath(new URL('../../dist/app', import.meta.url));

/** Where pictures of pages come to lie, to be looked at. */
const SCREENSHOTS = fileURLToPath(new URL('../../node_modules/.cache/app-screenshots', import.meta.url));

/** Serves the built application as `fovea app` does. */
export function serveApp(): Promise<StaticServer> {
  return serveFolder(BUILT, { host: '127.0.0.1', port: 0, policy: CONTENT_SECURITY_POLICY });
}

/** A profile of its own: what one page keeps there is found by the next. */
export function newProfile(browser: Browser, locale: string): Promise<BrowserContext> {
  return browser.newContext({ locale, viewport: { width: 1280, height: 800 } });
}

/** What went on in a page that should not. */
export interface Watched {
  /** Messages of errors, those of the console too. */
  readonly errors: string[];
  /** Addresses beyond `origin`. */
  readonly strangers: string[];
}

/** Opens a page, and notes its errors and the requests that leave `origin`. */
export async function watchedPage(
  context: BrowserContext,
  origin: string,
): Promise<{ page: Page } & Watched> {
  const page = await context.newPage();
  const errors: string[] = [];
  const strangers: string[] = [];
  page.on('pageerror', ({ message }) => errors.push(message));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  context.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !url.startsWith('blob:')) strangers.push(url);
  });
  return { page, errors, strangers };
}

/** Chooses the language of a page. */
export async function speak(page: Page, language: 'en' | 'zh'): Promise<void> {
  await languageOf(page).selectOption(language);
}

const languageOf = (page: Page) => page.locator('footer select').first();

/**
 * Pictures of a page as it is: on a desk, in the dark, on a phone. With `IN_CHINESE=1`, of the other language too: take them where there is
 * a font for it.
 */
export async function takePictures(page: Page, name: string): Promise<void> {
  await takePicturesOf(page, name);
  if (process.env.IN_CHINESE !== '1' || (await languageOf(page).inputValue()) !== 'en') return;
  await speak(page, 'zh');
  await takePicturesOf(page, `${name}-zh`);
  await speak(page, 'en');
}

async function takePicturesOf(page: Page, name: string): Promise<void> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  const picture = (kind: string) =>
    page.screenshot({ path: `${SCREENSHOTS}/${name}-${kind}.png`, fullPage: true });
  await picture('desktop');
  await page.emulateMedia({ colorScheme: 'dark' });
  await picture('dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 360, height: 740 });
  await picture('phone');
  await page.setViewportSize({ width: 1280, height: 800 });
}
