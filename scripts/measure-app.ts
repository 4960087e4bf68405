/**
 * @file `npm run app && npx tsx scripts/measure-app.ts`: what a first visit to the built application costs, in Debian's Chromium: compressed bytes, first
 * paint, when it is interactive; and what is kept for later visits without a network. Run it on a quiet machine.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { BUILT, newProfile, serveApp } from '../test/app/browser.ts';
import { launchChromium } from '../test/support/chromium.ts';

/** Visits that are timed, each with a profile of its own. */
const VISITS = 5;

interface Visit {
  /** Milliseconds from the request of the page. */
  readonly firstPaint: number;
  readonly interactive: number;
  /** The files that were asked for by then. */
  readonly files: readonly string[];
}

/** Visits the page for the first time; it is interactive when the button that draws photographs can be clicked. */
async function visit(browser: Browser, address: string): Promise<Visit> {
  const context = await newProfile(browser, 'en-GB');
  // It fetches everything, but later.
  await context.addInitScript(() => Object.defineProperty(navigator, 'serviceWorker', { value: undefined }));
  const files = new Set<string>();
  context.on('request', (request) => files.add(new URL(request.url()).pathname));
  const page = await context.newPage();
  await page.goto(address);
  await page.getByRole('button', { name: /^Draw/ }).click({ trial: true });
  const times = await page.evaluate(() => ({
    interactive: performance.now(),
    firstPaint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
  }));
  // The engine opens the device meanwhile.
  await page.getByText(/Computes on/).waitFor();
  await context.close();
  return { ...times, files: [...files] };
}

const compressed = (path: string) => gzipSync(readFileSync(join(BUILT, path)), { level: 9 }).length;
const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`;
const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const milliseconds = (values: readonly number[]) =>
  `${median(values).toFixed(0)} ms (${values.map((value) => value.toFixed(0)).join(', ')})`;

const server = await serveApp();
const browser = await launchChromium();
try {
  const visits: Visit[] = [];
  for (let i = 0; i < VISITS; i++) visits.push(await visit(browser, server.url));
  const files = visits[0]!.files.map((path) => (path === '/' ? '/index.html' : path));
  const sizes = files.map((path) => [path, compressed(path)] as const).sort(([, a], [, b]) => b - a);
  const all = readdirSync(BUILT, { recursive: true, encoding: 'utf8' }).filter((path) => /\.\w+$/.test(path));
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  console.log(
    `first visit  ${kilobytes(sum(sizes.map(([, size]) => size)))} compressed, ${sizes.length} files`,
  );
  for (const [path, size] of sizes.slice(0, 8)) console.log(`             ${kilobytes(size)}  ${path}`);
  console.log(
    `offline      ${kilobytes(sum(all.map(compressed)))} compressed, ${all.length} files, fetched afterwards`,
  );
  console.log(`first paint  ${milliseconds(visits.map(({ firstPaint }) => firstPaint))}`);
  console.log(`interactive  ${milliseconds(visits.map(({ interactive }) => interactive))}`);
} finally {
  await browser.close();
  await server.close();
}
